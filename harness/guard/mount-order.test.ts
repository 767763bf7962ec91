import { describe, expect, test } from 'vitest'
import { isWithin, mountsWithin } from './mount-order.ts'

const mount = (id: number, parentId: number, mountPoint: string) => ({ id, parentId, mountPoint })
const order = (mounts: readonly ReturnType<typeof mount>[]) =>
  mountsWithin(mounts, ['/s/a', '/b']).map(({ id }) => id)

describe('mounts are unmounted', () => {
  test('deepest first, and nothing else', () => {
    expect(
      order([
        mount(1, 0, '/'),
        mount(2, 1, '/s'),
        mount(3, 2, '/s/a/x'),
        mount(4, 3, '/s/a/x/y/z'),
        mount(5, 1, '/b'),
        mount(6, 2, '/s/ab'),
      ]),
    ).toEqual([4, 5, 3])
  })

  test('the last of a pile first', () => {
    expect(order([mount(3, 1, '/b/x'), mount(4, 3, '/b/x'), mount(5, 4, '/b/x')])).toEqual([5, 4, 3])
  })

  test('what covers a mount before the mount it covers', () => {
    expect(order([mount(3, 1, '/b/x/y'), mount(4, 1, '/b/x')])).toEqual([4, 3])
  })

  test('what was moved onto a later mount before that mount', () => {
    expect(order([mount(3, 7, '/b/x/y'), mount(7, 1, '/b/x')])).toEqual([3, 7])
  })

  test('even when the list was read in the middle of a change', () => {
    expect(order([mount(3, 4, '/b/x'), mount(4, 3, '/b/y')]).sort()).toEqual([3, 4])
  })
})

test.each([
  ['/a', '/a', true],
  ['/a/b', '/a', true],
  ['/ab', '/a', false],
  ['/', '/a', false],
  ['/a', '/', true],
])('%s within %s: %s', (path, directory, within) => {
  expect(isWithin(path, directory)).toBe(within)
})
