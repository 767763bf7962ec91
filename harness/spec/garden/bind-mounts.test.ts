import { describe, expect, test } from 'vitest'
import { bindMounts } from './bind-mounts.ts'
import type { GardenBindMount } from './container.ts'
import { GardenMountError } from './errors.ts'

const host = { exists: (path: string) => !path.startsWith('/missing') }

function convert(...binds: GardenBindMount[]) {
  return bindMounts('bind mount', binds, host)
}

/** What a program without types could hand over. */
function untyped(bind: object): GardenBindMount {
  return Object.assign({ source: '/a', destination: '/b' }, bind)
}

describe('bindMounts', () => {
  test('are read-only unless they say otherwise, and stay in order', () => {
    expect(
      convert(
        { source: '/z', destination: '/data' },
        { source: '/a', destination: '/cache', mode: 'rw', origin: 'host' },
        { source: '/b', destination: '/more', mode: 'ro' },
      ),
    ).toEqual([
      { source: '/z', destination: '/data', type: 'bind', options: ['bind', 'ro'] },
      { source: '/a', destination: '/cache', type: 'bind', options: ['bind', 'rw'] },
      { source: '/b', destination: '/more', type: 'bind', options: ['bind', 'ro'] },
    ])
  })

  test('are cleaned', () => {
    expect(convert({ source: '/a/./b/', destination: '//c/../d/' })).toMatchObject([
      { source: '/a/b', destination: '/d' },
    ])
  })

  test.each<[GardenBindMount, string]>([
    [{ source: '', destination: '/b' }, 'src and dst must not be empty'],
    [{ source: '/a', destination: '' }, 'src and dst must not be empty'],
    [{ source: 'a', destination: '/b' }, 'src and dst must be absolute'],
    [{ source: '/a', destination: 'b' }, 'src and dst must be absolute'],
    [{ source: '/a\0', destination: '/b' }, 'src and dst must be absolute'],
    [untyped({ origin: 'container' }), 'unknown bind mount origin container'],
    [untyped({ origin: 1 }), 'unknown bind mount origin 1'],
    [untyped({ mode: 2 }), 'unknown bind mount mode 2'],
    [{ source: '/a', destination: '/x/..' }, 'dst must not be the root of the container'],
    [{ source: '/missing/file', destination: '/b' }, 'src does not exist on the host'],
  ])('refuses %j', (bind, problem) => {
    expect(() => convert(bind)).toThrow(problem)
    expect(() => convert(bind)).toThrow(GardenMountError)
  })

  test('an error says which of them it is', () => {
    expect(() => convert({ source: '/a', destination: '/b' }, { source: '/c', destination: 'd' })).toThrow(
      "src and dst must be absolute (bind mount 2: '/c' on 'd')",
    )
  })
})
