import { defineConfig } from 'vitest/config'
import { FigureTable } from './figure-table.ts'

/** Benchmarks run one after the other, in one process, and nothing beside them. */
export default defineConfig({
  test: {
    include: ['bench/*.bench.ts'],
    reporters: ['default', new FigureTable()],
    fileParallelism: false,
    isolate: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
