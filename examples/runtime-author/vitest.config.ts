import { defineConfig } from 'vitest/config'

// The runtime under test: a profile (runc, crun, runsc, youki), a program on PATH, or a path.
const { RUNWRIGHT_RUNTIME = './my-runtime' } = process.env

export default defineConfig({
  test: {
    include: ['conformance/**/*.test.ts'],
    env: { RUNWRIGHT_RUNTIME },
    // vitest's usual reporter leaves out why a test was skipped.
    reporters: ['verbose'],
    // Tests of the suites wait for the runtime most of the time: several are under way at once.
    maxConcurrency: 4,
    testTimeout: 60_000,
  },
})
