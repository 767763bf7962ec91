import { describe, expect, test } from 'vitest'
import type { GardenLimits } from './container.ts'
import { GardenLimitError } from './errors.ts'
import { limitResources } from './limits.ts'

const accounted = { swapAccounting: true }
const unaccounted = { swapAccounting: false }

describe('limitResources', () => {
  test.each<GardenLimits>([
    {},
    { cpu: {}, memory: {}, pid: {} },
    { cpu: { weight: 0, limitInShares: 0 }, memory: { limitInBytes: 0n }, pid: { max: 0 } },
  ])('is empty for %o', (limits) => {
    expect(limitResources(limits, accounted)).toEqual({})
  })

  test('prefers the weight to the shares', () => {
    expect(limitResources({ cpu: { weight: 512, limitInShares: 7 } }, accounted)).toEqual({
      cpu: { shares: 512 },
    })
    expect(limitResources({ cpu: { weight: 0, limitInShares: 7 } }, accounted)).toEqual({
      cpu: { shares: 7 },
    })
  })

  test('limits swap with memory where it is accounted for', () => {
    const limits = { memory: { limitInBytes: 8 << 20 } }
    expect(limitResources(limits, accounted)).toEqual({ memory: { limit: 8 << 20, swap: 8 << 20 } })
    expect(limitResources(limits, unaccounted)).toEqual({ memory: { limit: 8 << 20 } })
  })

  test('limits tasks, and keeps what a number could not hold', () => {
    expect(limitResources({ pid: { max: 2n ** 63n - 1n } }, accounted)).toEqual({
      pids: { limit: 2n ** 63n - 1n },
    })
  })

  test.each<[GardenLimits, string]>([
    [{ cpu: { weight: -1 } }, 'limits.cpu.weight is -1'],
    [{ cpu: { limitInShares: 1.5 } }, 'limits.cpu.limitInShares is 1.5'],
    [{ memory: { limitInBytes: Number.NaN } }, 'limits.memory.limitInBytes is NaN'],
    [{ memory: { limitInBytes: 2 ** 53 } }, 'limits.memory.limitInBytes is 9007199254740992'],
    [{ pid: { max: 2n ** 63n } }, 'limits.pid.max is 9223372036854775808'],
  ])('refuses %o', (limits, problem) => {
    expect(() => limitResources(limits, accounted)).toThrow(problem)
    expect(() => limitResources(limits, accounted)).toThrow(GardenLimitError)
  })
})
