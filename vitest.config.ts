import { defineConfig } from 'vitest/config'
import { ClosingLine } from './closing-line.ts'

/** Tests that drive a real runtime; everything else needs none. */
const runtimeTests = '{harness,suites,faults,docs}/**/*.runtime.test.ts'

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{harness,suites,faults,docs}/**/*.test.ts'],
          exclude: [runtimeTests],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'runtime',
          include: [runtimeTests],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
