import { expect, test } from 'vitest'
import type { Requirement } from './requirement.ts'
import { tooNewFor } from './specification-version.ts'

function requirement(since: string): Requirement {
  return {
    id: `since-${since}`,
    level: 'MUST',
    since,
    file: 'config.md',
    anchor: 'process',
    subject: 'runtime',
    area: 'process',
    statement: '',
    observable: 'black-box',
    probe: '',
    kind: 'rfc2119',
  }
}

test.each([
  ['1.0.2-dev', '1.0', undefined],
  ['1.0.2-dev', '1.1', 'since-1.1'],
  ['1.2.0', '1.2.1', 'since-1.2.1'],
  ['1.2.1', '1.2.1', undefined],
  ['1.3.0+dev', '1.3', undefined],
  ['1.10.0', '1.3', undefined],
  [undefined, '1.3', undefined],
  ['unknown', '1.3', undefined],
])('a runtime of spec %s and a requirement since %s', (specVersion, since, tooNew) => {
  expect(tooNewFor(specVersion, [requirement('1.0'), requirement(since)])?.id).toBe(tooNew)
})
