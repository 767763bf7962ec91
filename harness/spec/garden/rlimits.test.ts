import { describe, expect, test } from 'vitest'
import { unlimited } from '../tables/rlimits.ts'
import { GardenLimitError } from './errors.ts'
import { resourceLimits } from './rlimits.ts'

describe('resourceLimits', () => {
  test('limits open files when nobody says otherwise', () => {
    expect(resourceLimits()).toEqual([{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }])
  })

  test('puts the given over the usual, each once and in the order of the kernel', () => {
    const given = {
      RLIMIT_NOFILE: { soft: 10, hard: 20 },
      RLIMIT_CORE: { soft: 0, hard: unlimited },
    }
    expect(resourceLimits(given)).toEqual([
      { type: 'RLIMIT_CORE', soft: 0, hard: unlimited },
      { type: 'RLIMIT_NOFILE', soft: 10, hard: 20 },
    ])
  })

  test.each<[Parameters<typeof resourceLimits>[0] | object, string]>([
    [{ RLIMIT_NOFILE: { soft: 2, hard: 1 } }, 'RLIMIT_NOFILE: the soft limit 2 exceeds the hard limit 1'],
    [{ RLIMIT_CORE: { soft: -1, hard: 1 } }, 'RLIMIT_CORE: the soft limit is -1'],
    [{ RLIMIT_CORE: { soft: 0, hard: 2n ** 64n } }, 'RLIMIT_CORE: the hard limit is 18446744073709551616'],
    [{ RLIMIT_BOGUS: { soft: 0, hard: 1 } }, 'wrong rlimit value: RLIMIT_BOGUS'],
  ])('refuses %o', (given, problem) => {
    expect(() => resourceLimits(given)).toThrow(problem)
    expect(() => resourceLimits(given)).toThrow(GardenLimitError)
  })
})
