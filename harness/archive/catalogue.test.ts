import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { findProgram, PackageError } from '../host/index.ts'
import { ArchiveCatalogue } from './catalogue.ts'
import { inChild, removeCompiled } from './child.fixture.ts'
import { layer, layoutOf, savedOf, tarOfImage, writeImage } from './image/image.fixture.ts'
import { loadCatalogue } from './load-catalogue.ts'
import { partialName } from './partial-name.ts'
import { ArchiveStore } from './store.ts'
import { craftTar } from './tar/craft.fixture.ts'
import { temporaryDirectory } from './temporary.fixture.ts'

const run = promisify(execFile)
afterAll(removeCompiled)
const newDirectory = async (): Promise<string> => await temporaryDirectory(onTestFinished)
const built = async (directory: string): Promise<string[]> => {
  return (await readdir(join(directory, 'built')).catch(() => [])).filter((name) => name !== 'digests')
}

describe('names', () => {
  const hostile = [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc',
    'a\0b',
    '.hidden',
    '-rf',
    'a'.repeat(300),
    'a\nb',
    'ä',
  ]

  test.each(hostile)('%j is refused before anything is touched', async (name) => {
    const directory = join(await newDirectory(), 'archives')
    const catalogue = new ArchiveCatalogue({ directory, entries: {} })
    await expect(catalogue.resolve(name)).rejects.toMatchObject({ code: 'ARCHIVE_NAME' })
    expect(() => new ArchiveCatalogue({ directory, entries: { [name]: { kind: 'busybox' } } })).toThrow(
      expect.objectContaining({ code: 'ARCHIVE_NAME' }),
    )
    await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('an unknown one is answered with those that are known', async () => {
    const entries = { debian: { kind: 'file', path: 'd.tar' }, busybox: { kind: 'busybox' } } as const
    const catalogue = new ArchiveCatalogue({ directory: await newDirectory(), entries })
    expect(catalogue.names()).toEqual(['busybox', 'debian'])
    await expect(catalogue.resolve('alpine')).rejects.toThrow(/"alpine".*busybox, debian/)
    await expect(catalogue.resolve('constructor')).rejects.toMatchObject({ code: 'ARCHIVE_NAME' })
  })
})

describe('a file', () => {
  test('is found relative to the directory, with its digest', async () => {
    const directory = await newDirectory()
    const content = craftTar([{ name: 'a' }])
    await writeFile(join(directory, 'a.tar'), content)
    const catalogue = new ArchiveCatalogue({ directory, entries: { a: { kind: 'file', path: 'a.tar' } } })
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    expect(await catalogue.resolve('a')).toEqual({ name: 'a', path: join(directory, 'a.tar'), digest })
  })

  test('has a new digest when it changes, also where the old one was remembered', async () => {
    const directory = await newDirectory()
    const path = join(directory, 'a.tar')
    const catalogue = new ArchiveCatalogue({ directory, entries: { a: { kind: 'file', path } } })
    await writeFile(path, craftTar([{ name: 'a' }]))
    const first = await catalogue.resolve('a')
    await writeFile(path, craftTar([{ name: 'b' }]))
    const second = await catalogue.resolve('a')
    expect(second.digest).not.toBe(first.digest)
    // A second after the other, as a file of the same size and time: only the inode tells.
    await writeFile(`${path}.new`, craftTar([{ name: 'c' }]))
    const { atime, mtime } = await stat(path)
    await utimes(`${path}.new`, atime, mtime)
    await rename(`${path}.new`, path)
    expect((await catalogue.resolve('a')).digest).not.toBe(second.digest)
  })

  test('that has settled is not read again until something about it changes', async () => {
    const directory = await newDirectory()
    const path = join(directory, 'a.tar')
    const catalogue = new ArchiveCatalogue({ directory, entries: { a: { kind: 'file', path } } })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    onTestFinished(() => void vi.useRealTimers())
    await writeFile(path, craftTar([{ name: 'a' }]))
    const first = await catalogue.resolve('a')
    const [remembered = ''] = await readdir(join(directory, 'built/digests'))
    await writeFile(join(directory, 'built/digests', remembered), `sha256:${'1'.repeat(64)}`)
    const another = new ArchiveCatalogue({ directory, entries: { a: { kind: 'file', path } } })
    expect((await another.resolve('a')).digest).toBe(`sha256:${'1'.repeat(64)}`)
    expect(await catalogue.resolve('a')).toEqual(first)
    const { atime, mtime } = await stat(path)
    await writeFile(path, craftTar([{ name: 'b' }]))
    await utimes(path, atime, mtime)
    const second = await catalogue.resolve('a')
    expect(second.digest).not.toBe(first.digest)
    expect(second.digest).not.toBe(`sha256:${'1'.repeat(64)}`)
  })

  test('that is missing or a directory', async () => {
    const directory = await newDirectory()
    const entries = { a: { kind: 'file', path: 'missing.tar' }, b: { kind: 'file', path: '.' } } as const
    const catalogue = new ArchiveCatalogue({ directory, entries })
    await expect(catalogue.resolve('a')).rejects.toMatchObject({ code: 'ARCHIVE_FILE', archive: 'a' })
    await expect(catalogue.resolve('b')).rejects.toMatchObject({ code: 'ARCHIVE_FILE', archive: 'b' })
  })
})

describe('busybox', () => {
  const entries = { busybox: { kind: 'busybox' } } as const

  test('is built once, and unpacks to programs that run', async ({ skip }) => {
    const directory = await newDirectory()
    const catalogue = new ArchiveCatalogue({ directory, entries, busybox: { download: await unavailable() } })
    const archive = await catalogue.resolve('busybox').catch(() => undefined)
    skip(archive === undefined, 'no static busybox on this host: install busybox-static')
    if (archive === undefined) return
    const { ino } = await stat(archive.path)
    expect(await new ArchiveCatalogue({ directory, entries }).resolve('busybox')).toEqual(archive)
    expect((await stat(archive.path)).ino).toBe(ino)
    const store = new ArchiveStore({ directory: join(directory, 'store'), catalogue })
    const rootfs = await store.unpacked(await store.resolve('busybox'))
    expect((await run(join(rootfs, 'bin/sh'), ['-c', 'echo $((6 * 7))'])).stdout).toBe('42\n')
  })

  test('is the same from other directories and processes, several at once', { timeout: 60_000 }, async ({
    skip,
  }) => {
    skip(findProgram('busybox') === undefined, 'no busybox on this host: install busybox-static')
    const directory = await newDirectory()
    const body = `
      const catalogue = new archives.ArchiveCatalogue({ directory: argument.directory, entries: argument.entries })
      await new Promise((resolve) => setTimeout(resolve, argument.start - Date.now()))
      return (await catalogue.resolve('busybox')).digest`
    const start = Date.now() + 1000
    const digests = await Promise.all(
      [directory, directory, directory, await newDirectory()].map(async (place) => {
        return await inChild(body, { directory: place, entries, start })
      }),
    )
    expect(digests[0]).toMatch(/^sha256:/)
    expect(new Set(digests).size).toBe(1)
    expect(await built(directory)).toHaveLength(1)
  })

  async function unavailable() {
    return async (): Promise<string> => await Promise.reject(new PackageError('not now'))
  }
})

describe('images', () => {
  const lower = layer([
    { name: 'etc/', type: '5' },
    { name: 'etc/a', content: '1' },
    { name: 'etc/b', content: '2' },
  ])
  const upper = layer([
    { name: 'etc/.wh.a', content: '' },
    { name: 'etc/c', content: '3' },
  ])

  test('an OCI layout with compressed layers and a saved image give the same archive', async () => {
    const directory = await newDirectory()
    const stored = async (plain: Buffer, program: string): Promise<Buffer> => {
      await writeFile(join(directory, 'plain'), plain)
      return (await run(program, ['-c', join(directory, 'plain')], { encoding: 'buffer' })).stdout
    }
    const packed = [
      {
        ...lower,
        stored: await stored(lower.plain, 'gzip'),
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      },
      {
        ...upper,
        stored: await stored(upper.plain, 'zstd'),
        mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
      },
    ]
    await writeImage(join(directory, 'layout'), layoutOf([{ layers: packed }]))
    await writeFile(join(directory, 'layout.tar'), tarOfImage(layoutOf([{ layers: [lower, upper] }])))
    await writeFile(
      join(directory, 'saved.tar'),
      tarOfImage(savedOf([{ tag: 'a:1', layers: [lower.plain, upper.plain] }])),
    )
    const catalogue = new ArchiveCatalogue({
      directory,
      entries: {
        layout: { kind: 'oci-layout', path: 'layout' },
        packed: { kind: 'oci-layout', path: 'layout.tar' },
        saved: { kind: 'docker-save', path: 'saved.tar', tag: '1' },
      },
    })
    const archives = await Promise.all(
      ['layout', 'packed', 'saved'].map(async (name) => await catalogue.resolve(name)),
    )
    expect(new Set(archives.map(({ digest }) => digest)).size).toBe(1)
    expect(await catalogue.resolve('layout')).toEqual(archives[0])
    expect(await built(directory)).toHaveLength(3)
    const store = new ArchiveStore({ directory: join(directory, 'store'), catalogue })
    const rootfs = await store.unpacked(await store.resolve('saved'))
    expect((await readdir(join(rootfs, 'etc'))).toSorted()).toEqual(['b', 'c'])
    expect(await readFile(join(rootfs, 'etc/c'), 'utf8')).toBe('3')
  })

  test('one that is damaged leaves nothing', async () => {
    const directory = await newDirectory()
    const contents = layoutOf([{ layers: [lower, upper] }])
    const damaged = Object.entries(contents).map(([name, content]): [string, Buffer] => {
      const changed = Buffer.from(content)
      if (content.equals(upper.plain)) changed.writeUInt8(0x34, 512)
      return [name, changed]
    })
    await writeImage(join(directory, 'layout'), Object.fromEntries(damaged))
    const catalogue = new ArchiveCatalogue({
      directory,
      entries: { image: { kind: 'oci-layout', path: 'layout' } },
    })
    await expect(catalogue.resolve('image')).rejects.toMatchObject({ archive: 'image' })
    expect(await built(directory)).toEqual([])
  })

  test('what no entry gives any more is garbage', async () => {
    const directory = await newDirectory()
    const write = async (): Promise<void> =>
      await writeImage(join(directory, 'layout'), layoutOf([{ layers: [lower, upper] }]))
    await write()
    const catalogue = new ArchiveCatalogue({
      directory,
      entries: { image: { kind: 'oci-layout', path: 'layout' } },
    })
    const { path } = await catalogue.resolve('image')
    const stale = join(directory, 'built', `image-${'0'.repeat(16)}.tar`)
    const abandoned = join(directory, 'built', '.partial-image-2147483647-1-00')
    const underWay = join(directory, 'built', partialName('image'))
    for (const name of [stale, abandoned, underWay]) await mkdir(name)
    expect((await catalogue.collectGarbage([path])).toSorted()).toEqual([abandoned, stale])
    expect(await built(directory)).toHaveLength(2)
    expect((await catalogue.resolve('image')).path).toBe(path)
  })
})

describe('the catalogue of a directory', () => {
  test('has busybox, the tar files and what catalogue.json names', async () => {
    const directory = await newDirectory()
    for (const name of ['debian.tar.zst', 'alpine-3.20.tgz', 'notes.txt', '.hidden.tar', 'README.md']) {
      await writeFile(join(directory, name), '')
    }
    const entries = {
      app: { kind: 'oci-layout', path: 'app', reference: '1.0' },
      debian: { kind: 'file', path: 'other.tar' },
    }
    await writeFile(join(directory, 'catalogue.json'), JSON.stringify(entries))
    const catalogue = await loadCatalogue({ directory })
    expect(catalogue.names()).toEqual(['alpine-3.20', 'app', 'busybox', 'debian'])
    expect(catalogue.source('alpine-3.20')).toEqual({ kind: 'file', path: 'alpine-3.20.tgz' })
    expect(catalogue.source('debian')).toEqual({ kind: 'file', path: 'other.tar' })
  })

  test('one that does not exist has busybox', async () => {
    const directory = join(await newDirectory(), 'missing')
    expect((await loadCatalogue({ directory })).names()).toEqual(['busybox'])
  })

  test.each([
    ['no JSON', '{'],
    ['an unknown kind', '{"a":{"kind":"url","path":"x"}}'],
    ['an unknown option', '{"a":{"kind":"file","path":"x","sha":"y"}}'],
    ['a platform that is none', '{"a":{"kind":"oci-layout","path":"x","platform":"amd64"}}'],
    ['a list', '[]'],
  ])('%s in catalogue.json is an error that names the file', async (_, text) => {
    const directory = await newDirectory()
    await writeFile(join(directory, 'catalogue.json'), text)
    const error = await loadCatalogue({ directory }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'ARCHIVE_CATALOGUE',
      message: expect.stringContaining('catalogue.json'),
    })
  })
})
