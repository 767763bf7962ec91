import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootModuleFiles } from './kernel-modules.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-modules-'))
})

afterAll(() => rmSync(directory, { recursive: true }))

const dependencies = [
  'fs/9p/9p.ko.xz: net/9p/9pnet.ko.xz fs/netfs/netfs.ko.xz',
  'net/9p/9pnet.ko.xz:',
  'net/9p/9pnet_virtio.ko.xz: virtio/virtio.ko.xz net/9p/9pnet.ko.xz virtio/virtio_ring.ko.xz',
  'fs/netfs/netfs.ko.xz:',
  'virtio/virtio.ko.xz: virtio/virtio_ring.ko.xz',
  'virtio/virtio_ring.ko.xz:',
  'virtio/virtio-pci.ko.xz: virtio/virtio.ko.xz virtio/virtio_ring.ko.xz',
  'char/virtio_console.ko.xz: virtio/virtio.ko.xz',
  'block/bfq.ko.xz:',
  'sound/unwanted.ko.xz:',
]

function write(modules: readonly string[], builtIn: readonly string[]): void {
  writeFileSync(join(directory, 'modules.dep'), `${modules.join('\n')}\n`)
  writeFileSync(join(directory, 'modules.builtin'), `${builtIn.join('\n')}\n`)
}

describe('the modules a guest boots with', () => {
  test('come each after those it depends on, once, and no others', () => {
    write(dependencies, ['kernel/fs/overlayfs/overlay.ko', 'kernel/block/virtio-blk.ko'])
    const names = bootModuleFiles(directory).map((path) => path.slice(directory.length + 1))
    const position = new Map(names.map((name, index) => [name, index]))
    for (const line of dependencies) {
      const [module = '', needed = ''] = line.split(': ')
      for (const dependency of needed.split(' ').filter((name) => position.has(module) && name !== '')) {
        expect(position.get(dependency), `${dependency} before ${module}`).toBeLessThan(
          position.get(module) ?? -1,
        )
      }
    }
    expect(new Set(names).size).toBe(names.length)
    expect(names).not.toContain('sound/unwanted.ko.xz')
    expect(names).toHaveLength(9)
  })

  test('that the kernel does not have at all are named', () => {
    write(dependencies, ['kernel/block/virtio-blk.ko'])
    expect(() => bootModuleFiles(directory)).toThrow(/no module overlay/)
  })
})
