import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findKernel, kernelReleases, listKernels } from './kernel.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-kernel-'))
  vi.stubEnv('RUNWRIGHT_HOME', join(directory, 'home'))
  return () => vi.unstubAllEnvs()
})

afterEach(() => rmSync(directory, { recursive: true }))

/** The beginning of an image as a boot loader reads it: its mark, and where its version stands. */
function writeImage(path: string, release: string): void {
  const image = Buffer.alloc(0x600)
  image.write('HdrS', 0x202, 'latin1')
  image.writeUInt16LE(0x300, 0x20e)
  image.write(`${release} (builder@host) #1 SMP\0`, 0x500, 'latin1')
  writeFileSync(path, image)
}

/** A kernel as a package is unpacked. */
function writeKernel(root: string, release: string): string {
  const image = join(root, 'boot', `vmlinuz-${release}`)
  mkdirSync(join(root, 'boot'), { recursive: true })
  mkdirSync(join(root, 'lib/modules', release), { recursive: true })
  writeImage(image, release)
  writeFileSync(join(root, 'lib/modules', release, 'modules.dep'), '')
  return image
}

function writeDownload(version: string, release: string): void {
  const place = join(directory, 'home/archives/kernels', version)
  writeKernel(join(place, 'root'), release)
  writeFileSync(join(place, 'download.json'), JSON.stringify({ name: 'linux-image', version }))
}

describe('a kernel by its path', () => {
  test('is known by what its image says, with its modules beside it', async () => {
    const image = writeKernel(directory, '6.1.0-56-amd64')
    await expect(findKernel(image)).resolves.toEqual({
      release: '6.1.0-56-amd64',
      image,
      modules: join(directory, 'lib/modules/6.1.0-56-amd64'),
    })
  })

  test('without modules says where they were looked for', async () => {
    const image = join(directory, 'vmlinuz')
    writeImage(image, '9.9.9-of-nobody')
    await expect(findKernel(image)).rejects.toThrow(/\/lib\/modules\/9\.9\.9-of-nobody with a modules\.dep/)
  })

  test.each([
    ['that is no kernel', Buffer.alloc(0x600, 'x')],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is refused by name', async (_what, content) => {
    const image = join(directory, 'picture')
    writeFileSync(image, content)
    await expect(findKernel(image)).rejects.toThrow(`${image} is no image of a Linux kernel`)
  })

  test('that is not there is refused by name', async () => {
    await expect(findKernel(join(directory, 'nothing'))).rejects.toThrow(/nothing cannot be read/)
  })
})

describe('a kernel by its version', () => {
  test('is the newest download that begins with it, number by number', async () => {
    writeDownload('6.1.9-1', '6.1.0-9-amd64')
    writeDownload('6.1.56-1', '6.1.0-56-amd64')
    writeDownload('6.12.3-1', '6.12.3-amd64')
    expect((await findKernel(undefined)).release).toBe('6.12.3-amd64')
    expect((await findKernel('6.1')).release).toBe('6.1.0-56-amd64')
    expect((await findKernel('6.1.0-9')).release).toBe('6.1.0-9-amd64')
  })

  test('is one of all that are there, the newest first', async () => {
    writeDownload('6.1.9-1', '6.1.0-9-amd64')
    writeDownload('6.12.3-1', '6.12.3-amd64')
    const releases = (await listKernels()).map(({ release }) => release)
    expect(releases.slice(0, 2)).toEqual(['6.12.3-amd64', '6.1.0-9-amd64'])
  })

  test('that is not there says which are, and how to get it', async () => {
    writeDownload('6.1.9-1', '6.1.0-9-amd64')
    await expect(findKernel('5.10')).rejects.toThrow(
      /no kernel 5\.10 .*6\.1\.0-9-amd64: run 'runwright setup --vm --kernel 5\.10'/,
    )
  })
})

test('of the packages of kernels those are taken that hold a whole one of the usual kind', () => {
  const kinds = ['', '-dbg', '-unsigned'].flatMap((end) =>
    [
      '6.1.0-9-amd64',
      '6.1.0-56-amd64',
      '6.1.0-56-rt-amd64',
      '6.12.117+deb12-amd64',
      '6.12-amd64',
      'amd64',
    ].map((release) => `linux-image-${release}${end}`),
  )
  expect(kernelReleases(kinds)).toEqual(['6.12.117+deb12-amd64', '6.1.0-56-amd64', '6.1.0-9-amd64'])
})
