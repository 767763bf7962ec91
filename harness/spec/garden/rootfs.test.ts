import { describe, expect, test } from 'vitest'
import { GardenRootfsError } from './errors.ts'
import { rootfsDirectory } from './rootfs.ts'

describe('rootfsDirectory', () => {
  test('takes a raw directory under either name', () => {
    expect(rootfsDirectory({ rootFSPath: 'raw:///var/rootfs' })).toBe('/var/rootfs')
    expect(rootfsDirectory({ image: { uri: 'raw:///var/rootfs' } })).toBe('/var/rootfs')
    expect(rootfsDirectory({ rootFSPath: '', image: { uri: 'raw:///var/rootfs' } })).toBe('/var/rootfs')
  })

  test.each([
    ['raw:///var/../srv//rootfs/', '/srv/rootfs'],
    ['raw:///a://b', '/a:/b'],
  ])('cleans %s', (rootFSPath, directory) => {
    expect(rootfsDirectory({ rootFSPath })).toBe(directory)
  })

  test.each([
    ['', 'rootfs must not be empty'],
    ['/var/rootfs', "malformatted rootfs: must be of form 'scheme://<abs_dir>'"],
    ['docker:///busybox', "unsupported scheme 'docker'"],
    ['RAW:///var/rootfs', "unsupported scheme 'RAW'"],
    ['://var', "unsupported scheme ''"],
    ['raw://var/rootfs', 'directory must be an absolute path'],
    ['raw://', 'directory must be an absolute path'],
    ['raw:///var/\0', 'directory must be an absolute path'],
    ['raw:///', 'directory must not be the root of the host'],
    ['raw:///var/../..', 'directory must not be the root of the host'],
  ])('refuses %j', (rootFSPath, problem) => {
    expect(() => rootfsDirectory({ rootFSPath })).toThrow(problem)
    expect(() => rootfsDirectory({ rootFSPath })).toThrow(GardenRootfsError)
  })

  test('refuses two, and names both', () => {
    const both = { rootFSPath: 'raw:///one', image: { uri: 'raw:///two' } }
    expect(() => rootfsDirectory(both)).toThrow(
      "rootfs is given twice, as rootFSPath 'raw:///one' and as image 'raw:///two': give one",
    )
  })
})
