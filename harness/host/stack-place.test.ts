import { expect, test } from 'vitest'
import { packageDirectory } from './directories.ts'
import { ownPlace } from './stack-place.ts'

test.each([
  ['a method', '    at Object.body (/home/me/suites/mine.ts:9:21)'],
  ['the top of a module', '    at /home/me/suites/mine.ts:9:21'],
  ['what Node loaded', '    at async file:///home/me/suites/mine.ts:9:21'],
])('the place of %s is found among those of packages and of Node', (_, line) => {
  const stack = [
    'Error: no luck at /etc/motd:1:2',
    '    at Proxy.check (file:///home/me/node_modules/@vitest/expect/dist/index.js:1888:12)',
    '    at async node:internal/main:12:3',
    `    at runTest (file://${packageDirectory()}/dist/chunks/suite.js:1:2)`,
    line,
    '    at other (/home/me/suites/other.ts:1:1)',
  ]
  expect(ownPlace(stack.join('\n'))).toBe('/home/me/suites/mine.ts:9:21')
})

test('there is none where only packages were', () => {
  expect(ownPlace('Error: x\n    at a (/home/me/node_modules/b/c.js:1:2)')).toBeUndefined()
  expect(ownPlace(undefined)).toBeUndefined()
})
