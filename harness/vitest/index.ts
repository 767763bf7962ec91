/** The author's face: vitest's `test` with fixtures, `expect` with matchers, and `suite`. Loads vitest. */
export { matchers } from '../suite/index.ts'
export { expect, test } from './fixtures.ts'
export { suite } from './suite.ts'
