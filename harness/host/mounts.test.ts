import { describe, expect, test } from 'vitest'
import { parseMountInfo, readMounts } from './index.ts'

test('parses every field, with any number of optional ones', () => {
  const text = [
    String.raw`36 35 98:0 /mnt1 /a\040b\011c\134d rw,noatime shared:1 master:2 - ext3 /dev/root\012x rw,errors=continue`,
    '37 36 0:5 / /proc ro - proc proc ro',
    '',
  ].join('\n')
  expect(parseMountInfo(text)).toEqual([
    {
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      mountPoint: '/a b\tc\\d',
      options: ['rw', 'noatime'],
      propagation: ['shared:1', 'master:2'],
      type: 'ext3',
      source: '/dev/root\nx',
      superOptions: ['rw', 'errors=continue'],
    },
    {
      id: 37,
      parentId: 36,
      device: '0:5',
      root: '/',
      mountPoint: '/proc',
      options: ['ro'],
      propagation: [],
      type: 'proc',
      source: 'proc',
      superOptions: ['ro'],
    },
  ])
})

test('a source called "-" is not taken for the separator, nor is an optional field missed', () => {
  const [mount] = parseMountInfo('1 0 0:1 / /x rw propagate_from:3 unbindable - tmpfs - rw')
  expect(mount).toMatchObject({ propagation: ['propagate_from:3', 'unbindable'], type: 'tmpfs', source: '-' })
})

describe('of a process', () => {
  test('holds /proc', () => {
    const mounts = readMounts()
    expect(mounts).toEqual(readMounts(process.pid))
    expect(mounts.find(({ mountPoint }) => mountPoint === '/proc')).toMatchObject({ type: 'proc' })
  })

  test('that does not exist cannot be read', () => {
    expect(() => readMounts(2 ** 22 + 1)).toThrow('ENOENT')
  })
})
