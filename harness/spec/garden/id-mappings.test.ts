import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GardenHostError } from './errors.ts'
import { type IdRange, idMappings, isMapped, largestId, parseIdMap } from './id-mappings.ts'

describe('parseIdMap', () => {
  test('reads the lines of the kernel', () => {
    expect(parseIdMap('         0          0 4294967295\n', 'uid_map')).toEqual([
      { inside: 0, outside: 0, size: 4294967295 },
    ])
    expect(parseIdMap('0 1000 1\n1 100000 65536\n', 'uid_map')).toEqual([
      { inside: 0, outside: 1000, size: 1 },
      { inside: 1, outside: 100000, size: 65536 },
    ])
  })

  test.each([
    ['', 'empty reader: gid_map maps no id'],
    ['\n', 'empty reader'],
    ['0 0\n', "scanf: gid_map has the line '0 0' where three numbers are expected"],
    ['0 0 x\n', 'scanf'],
    ['0 0 1 2\n', 'scanf'],
    ['0 0 -1\n', 'scanf'],
  ])('refuses %j', (text, problem) => {
    expect(() => parseIdMap(text, 'gid_map')).toThrow(problem)
    expect(() => parseIdMap(text, 'gid_map')).toThrow(GardenHostError)
  })
})

describe('idMappings', () => {
  test('make root the largest id of the host, and everybody else themselves', () => {
    expect(idMappings([{ inside: 0, outside: 0, size: 4294967295 }])).toEqual([
      { containerID: 0, hostID: 4294967294, size: 1 },
      { containerID: 1, hostID: 1, size: 4294967293 },
    ])
  })

  test.each<[string, IdRange[], number[][]]>([
    ['one id', [{ inside: 0, outside: 1000, size: 1 }], [[0, 0, 1]]],
    ['two ids', [{ inside: 0, outside: 1000, size: 2 }], [[0, 1, 1]]],
    [
      'a rootless engine',
      [
        { inside: 0, outside: 1000, size: 1 },
        { inside: 1, outside: 100000, size: 65536 },
      ],
      [
        [0, 65536, 1],
        [1, 1, 65535],
      ],
    ],
    [
      'a map with a gap, out of order',
      [
        { inside: 100, outside: 5000, size: 10 },
        { inside: 0, outside: 0, size: 50 },
      ],
      [
        [0, 109, 1],
        [1, 1, 49],
        [100, 100, 9],
      ],
    ],
  ])('fit the map of %s', (_, ranges, expected) => {
    expect(idMappings(ranges).map(({ containerID, hostID, size }) => [containerID, hostID, size])).toEqual(
      expected,
    )
  })

  const maps = fc
    .array(fc.record({ gap: fc.nat(10), size: fc.integer({ min: 1, max: 1000 }) }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((pieces) => {
      let next = 0
      return pieces.map(({ gap, size }): IdRange => {
        const inside = next + gap
        next = inside + size
        return { inside, outside: 1_000_000 + inside, size }
      })
    })

  test('never map an id twice, map none the host lacks, and each within one line of the host', () => {
    fc.assert(
      fc.property(maps, (ranges) => {
        const mappings = idMappings(ranges)
        const hostIds = mappings.flatMap(({ hostID, size }) =>
          Array.from({ length: size }, (_, n) => hostID + n),
        )
        expect(new Set(hostIds).size).toBe(hostIds.length)
        for (const { hostID, size } of mappings) {
          expect(size).toBeGreaterThan(0)
          expect(
            ranges.some((range) => hostID >= range.inside && hostID + size <= range.inside + range.size),
          ).toBe(true)
        }
        expect(isMapped(0, mappings)).toBe(true)
        expect(hostIds).toContain(largestId(ranges))
      }),
    )
  })
})
