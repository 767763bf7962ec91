import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{harness,suites}/**/*.test.ts'],
          exclude: ['**/*.runtime.test.ts'],
        },
      },
      {
        test: {
          name: 'runtime',
          include: ['{harness,suites}/**/*.runtime.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
