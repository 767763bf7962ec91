import { expect, test } from 'vitest'
import { noPaint } from '../report/index.ts'
import { describeRequirements, describeTests } from './describe-list.ts'
import type { ListedRequirement } from './list-suites.ts'

const options = { paint: noPaint, width: Number.POSITIVE_INFINITY }

test('tests stand below their suites, with what they need', () => {
  const tests = [
    { id: 'kill/one', suite: 'kill', title: 'one', covers: [], needs: [] },
    {
      id: 'kill/another',
      suite: 'kill',
      title: 'another',
      covers: [],
      needs: ['root', 'runtime:pause'] as const,
    },
    { id: 'state/third', suite: 'state', title: 'third', covers: [], needs: [] },
  ]
  expect(describeTests(tests, options)).toBe(`kill (2 tests)
  kill/one
  kill/another  needs root, runtime:pause

state (1 test)
  state/third

3 tests in 2 suites`)
})

test('requirements stand below their areas, with how many tests judge them', () => {
  const requirement = (id: string, tests: readonly string[], untested?: string): ListedRequirement => ({
    ...{ id, tests, level: 'MUST', since: '1.0', file: 'runtime.md', anchor: 'kill', subject: 'runtime' },
    ...{ area: 'kill', statement: `Statement ${id}.`, observable: 'black-box', probe: '', kind: 'rfc2119' },
    ...(untested === undefined ? {} : { untested }),
  })
  expect(
    describeRequirements(
      [requirement('first', ['kill/one', 'kill/two']), requirement('other', [], 'Nobody can see it.')],
      options,
    ),
  ).toBe(`kill (1 of 2 covered)
  first  MUST  2 tests  Statement first.
                        runtime.md#kill, since 1.0
  other  MUST  no test  Statement other.
                        runtime.md#kill, since 1.0
                        Untested: Nobody can see it.

1 of 2 requirements covered`)
})
