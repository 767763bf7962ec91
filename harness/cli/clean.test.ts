import { describe, expect, test } from 'vitest'
import type { CleanReport } from '../guard/index.ts'
import { noPaint } from '../report/index.ts'
import { describeCleaning, isClean } from './clean.ts'

const nothing: CleanReport = { sessions: [], refused: [], remaining: [] }
const cleaned: CleanReport = {
  ...nothing,
  sessions: [
    {
      directory: '/run/runwright/a',
      outcome: 'cleaned',
      removed: [{ kind: 'cgroup', what: '/sys/fs/cgroup/x' }],
      remaining: [],
    },
    { directory: '/run/runwright/b', outcome: 'alive', removed: [], remaining: [] },
  ],
}
const incomplete: CleanReport = {
  sessions: [
    {
      directory: '/run/runwright/c',
      outcome: 'incomplete',
      removed: [],
      remaining: [{ kind: 'mount', what: '/mnt', reason: 'it is busy' }],
    },
  ],
  refused: [{ path: '/run/runwright/odd', reason: 'its name is not that of a session' }],
  remaining: [],
}

test('a host is clean when all dead sessions are gone', () => {
  expect(isClean(nothing)).toBe(true)
  expect(isClean(cleaned)).toBe(true)
  expect(isClean(incomplete)).toBe(false)
  expect(isClean({ ...nothing, remaining: [{ kind: 'file', what: '/x', reason: 'EBUSY' }] })).toBe(false)
})

describe('describeCleaning', () => {
  const text = (report: CleanReport): string => describeCleaning(report, noPaint, Number.POSITIVE_INFINITY)

  test('says that there was nothing', () => {
    expect(text(nothing)).toBe('Nothing was left by any run.')
  })

  test('names what was removed and which runs are alive', () => {
    expect(text(cleaned)).toBe(
      '/run/runwright/a  cleaned                 removed cgroup /sys/fs/cgroup/x\n' +
        '/run/runwright/b  is running, left alone',
    )
  })

  test('names what is left and what was left alone', () => {
    expect(text(incomplete)).toBe(
      '/run/runwright/c    something is left  left mount /mnt: it is busy\n' +
        '/run/runwright/odd  left alone         its name is not that of a session',
    )
  })
})
