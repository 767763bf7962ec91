import { describe, expect, test } from 'vitest'
import {
  bearsPrefix,
  bearsSession,
  isSessionId,
  namePrefix,
  randomSessionId,
  sharedSessionId,
} from './session-name.ts'

const owner = { pid: 42, startTime: '12345', boot: 'b', pidNamespace: 'pid:[1]' }

describe('the id of a session', () => {
  test('is ten lower-case letters and digits, and never the same again', () => {
    const ids = Array.from({ length: 200 }, randomSessionId)
    expect(ids.every(isSessionId)).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('that an owner shares is worked out alike, and differs with anything that tells owners apart', () => {
    const id = sharedSessionId(owner)
    expect(isSessionId(id)).toBe(true)
    expect(sharedSessionId({ ...owner })).toBe(id)
    const others = [
      { ...owner, pid: 43 },
      { ...owner, startTime: '12346' },
      { ...owner, boot: 'c' },
      { ...owner, pidNamespace: 'pid:[2]' },
    ]
    expect(new Set([id, ...others.map(sharedSessionId)]).size).toBe(5)
  })

  test.each(['', 'abc', 'ABCDEFGHIJ', 'abcdefghijk', 'abcde-ghij', '../../../a', 'abcdefghi\n'])(
    'is not %j',
    (name) => {
      expect(isSessionId(name)).toBe(false)
    },
  )
})

describe('a name bears a session', () => {
  const session = 'abcdefghij'

  test.each(['runwright-abcdefghij-1', 'runc-runwright-abcdefghij-1-2.scope', 'crun-runwright-abcdefghij-x'])(
    '%s does',
    (name) => {
      expect(bearsSession(name, session)).toBe(true)
    },
  )

  test.each([
    'runwright-abcdefghij', // no dash: may be the start of something longer
    'runwright-abcdefghijk-1',
    'runwright-bbcdefghij-1',
    'my-own-runwright-abcdefghij-1', // two words before it
    'xrunwright-abcdefghij-1',
    'abcdefghij-1',
    '',
  ])('%s does not', (name) => {
    expect(bearsSession(name, session)).toBe(false)
  })

  test('whatever starts with its prefix', () => {
    expect(bearsSession(`${namePrefix(session)}1-1`, session)).toBe(true)
  })
})

test.each([
  ['runwright-x-1', true],
  ['runwright-x-1-2', true],
  ['runc-runwright-x-1.scope', true],
  ['runwright\\x2dx\\x2d1.slice', true],
  ['runwright\\x2dx\\x2d1-inner.slice', true],
  ['runwright\\x2dx\\x2d12.slice', false],
  ['runwright-x-12', false],
  ['runwright-x', false],
])('%s bears the prefix runwright-x-1: %s', (name, bears) => {
  expect(bearsPrefix(name, 'runwright-x-1')).toBe(bears)
})
