import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Archive } from './archive.ts'
import { inChild, ordinaryUser, removeCompiled, whyNotAsOrdinaryUser } from './child.fixture.ts'
import { partialName } from './partial-name.ts'
import { readPlainTree } from './plain-tree.ts'
import { pathWithTar } from './programs.fixture.ts'
import { makeRichTree } from './rich-tree.fixture.ts'
import { ArchiveStore } from './store.ts'
import { type CraftedEntry, craftTar } from './tar/craft.fixture.ts'
import { temporaryDirectory } from './temporary.fixture.ts'
import { describeTree } from './tree.fixture.ts'
import { isRoot, needsRoot } from './user.fixture.ts'

const run = promisify(execFile)
afterAll(removeCompiled)

async function archiveOf(path: string): Promise<Archive> {
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  return { name: 'crafted', path, digest: `sha256:${digest}` }
}

interface Place {
  readonly directory: string
  readonly storeDirectory: string
  readonly store: ArchiveStore
  readonly add: (entries: readonly CraftedEntry[]) => Promise<Archive>
}

async function newPlace(): Promise<Place> {
  const directory = await temporaryDirectory(onTestFinished)
  const storeDirectory = join(directory, 'store')
  const catalogue = { resolve: async () => await Promise.reject(new Error('not used')) }
  return {
    directory,
    storeDirectory,
    store: new ArchiveStore({ directory: storeDirectory, catalogue }),
    add: async (entries) => {
      const path = join(directory, `${randomBytes(4).toString('hex')}.tar`)
      await writeFile(path, craftTar(entries))
      return await archiveOf(path)
    },
  }
}

const simple: readonly CraftedEntry[] = [
  { name: 'bin/', type: '5' },
  { name: 'bin/busybox', content: 'program', mode: 0o755 },
  { name: 'bin/sh', type: '1', linkName: 'bin/busybox' },
]

describe('unpacked', () => {
  test('an archive is unpacked once, to a directory named by its digest', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    const rootfs = await store.unpacked(archive)
    const { ino } = await stat(rootfs)
    expect(rootfs).toMatch(
      new RegExp(`^${storeDirectory}/${archive.digest.slice(7)}-\\d+(-unprivileged)?/rootfs$`),
    )
    expect(await readFile(join(rootfs, 'bin/sh'), 'utf8')).toBe('program')
    const sameBytes = await add(simple)
    expect(await store.unpacked({ ...sameBytes, name: 'other' })).toBe(rootfs)
    expect((await stat(rootfs)).ino).toBe(ino)
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })

  test('nobody else can enter it', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const rootfs = await store.unpacked(await add(simple))
    for (const path of [storeDirectory, join(rootfs, '..')])
      expect((await stat(path)).mode & 0o777).toBe(0o700)
  })

  test('callers in one process share the work', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    const found = await Promise.all(Array.from({ length: 20 }, async () => await store.unpacked(archive)))
    expect(new Set(found).size).toBe(1)
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })

  test('the signal of one caller does not stop another', async () => {
    const { store, add } = await newPlace()
    const archive = await add(simple)
    const stopped = store.unpacked(archive, { signal: AbortSignal.abort() })
    const other = store.unpacked(archive)
    await expect(stopped).rejects.toMatchObject({ code: 'ARCHIVE_STOPPED' })
    expect(await other).toMatch(/rootfs$/)
  })

  test('eight processes at once end with one rootfs and nothing else', { timeout: 60_000 }, async () => {
    const { storeDirectory, add } = await newPlace()
    const many = Array.from({ length: 300 }, (_, at) => ({ name: `d${at % 40}/f${at}`, content: `${at}` }))
    const archive = await add(many)
    const body = `
      const made = new archives.ArchiveStore({ directory: argument.storeDirectory, catalogue: undefined })
      await new Promise((resolve) => setTimeout(resolve, argument.start - Date.now()))
      const rootfs = await made.unpacked(argument.archive)
      return { rootfs }`
    const argument = { storeDirectory, archive, start: Date.now() + 1500 }
    const results = await Promise.all(Array.from({ length: 8 }, async () => await inChild(body, argument)))
    expect(results).toEqual(Array.from({ length: 8 }, () => results[0]))
    expect(results[0]).toHaveProperty('rootfs')
    expect(await readdir(storeDirectory)).toHaveLength(1)
    const { stdout } = await run('sh', ['-c', `find '${storeDirectory}' -type f -name 'f*' | wc -l`])
    expect(stdout.trim()).toBe('300')
  })

  test('who comes second drops what it made', async () => {
    const { store, storeDirectory, directory, add } = await newPlace()
    const archive = await add(simple)
    const rootfs = await store.unpacked(archive)
    const { ino } = await stat(rootfs)
    const [first, aside] = [dirname(rootfs), join(directory, 'aside')]
    await rename(first, aside)
    const path = await pathWithTar(
      await temporaryDirectory(onTestFinished),
      `mv '${aside}' '${first}'; exec /bin/tar "$@"`,
    )
    vi.stubEnv('PATH', path)
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(await store.unpacked(archive)).toBe(rootfs)
    expect((await stat(rootfs)).ino).toBe(ino)
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })

  test('who finds another at the work waits for it', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    const other = join(storeDirectory, partialName(archive.digest.slice(-16)))
    await mkdir(other, { recursive: true, mode: 0o700 })
    await chmod(storeDirectory, 0o700)
    let isDone = false
    const work = store.unpacked(archive).finally(() => {
      isDone = true
    })
    // Long enough to unpack it several times over, were it not waiting.
    for (const name of ['b', 'c', 'd']) await store.unpacked(await add([{ name }]))
    expect(isDone).toBe(false)
    await rm(other, { recursive: true })
    expect(await work).toMatch(/rootfs$/)
    expect(await readdir(storeDirectory)).toHaveLength(4)
  })

  test('what a killed process left is not waited for, and is garbage', { timeout: 60_000 }, async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add([...simple, { name: 'large', content: Buffer.alloc(64 * 1024 ** 2) }])
    const body = `
      const { readdirSync } = await import('node:fs')
      const made = new archives.ArchiveStore({ directory: argument.storeDirectory, catalogue: undefined })
      made.unpacked(argument.archive)
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        const [partial] = readdirSync(argument.storeDirectory)
        if (partial !== undefined && readdirSync(argument.storeDirectory + '/' + partial).length > 0) break
      }
      process.kill(process.pid, 'SIGKILL')
      await new Promise(() => undefined)`
    await expect(inChild(body, { storeDirectory, archive })).rejects.toMatchObject({ signal: 'SIGKILL' })
    const [left = ''] = await readdir(storeDirectory)
    expect(await store.unpacked(archive)).toMatch(/rootfs$/)
    expect(await store.collectGarbage([archive.digest])).toEqual([join(storeDirectory, left)])
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })

  test('who waits can be stopped', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    await mkdir(join(storeDirectory, partialName(archive.digest.slice(-16))), {
      recursive: true,
      mode: 0o700,
    })
    await chmod(storeDirectory, 0o700)
    const work = store.unpacked(archive, { signal: AbortSignal.timeout(50) })
    await expect(work).rejects.toMatchObject({ code: 'ARCHIVE_STOPPED' })
  })

  test('a failure leaves nothing and does not spoil the next try', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add([...simple, { name: 'bin/ls', type: '1', linkName: 'missing' }])
    await expect(store.unpacked(archive)).rejects.toMatchObject({
      code: 'ARCHIVE_UNPACK',
      archive: 'crafted',
    })
    expect(await readdir(storeDirectory)).toEqual([])
    expect(await store.unpacked(await add(simple))).toMatch(/rootfs$/)
  })

  test('a file that is not the one whose digest was taken is refused', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    await writeFile(archive.path, craftTar([{ name: 'other' }]))
    await expect(store.unpacked(archive)).rejects.toMatchObject({ code: 'ARCHIVE_CHANGED' })
    expect(await readdir(storeDirectory)).toEqual([])
  })

  test('a digest that is none touches nothing', async () => {
    const { store, directory, add } = await newPlace()
    const archive = await add(simple)
    await expect(store.unpacked({ ...archive, digest: 'sha256:../../x' })).rejects.toMatchObject({
      code: 'ARCHIVE_CHANGED',
    })
    expect(await readdir(directory)).toHaveLength(1)
  })

  test('what lies in the place of a rootfs and is none gives way', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const archive = await add(simple)
    const rootfs = await store.unpacked(archive)
    await run('rm', ['-r', join(rootfs, '..')])
    await mkdir(join(rootfs, '..', 'half'), { recursive: true })
    expect(await store.unpacked(archive)).toBe(rootfs)
    expect(await readFile(join(rootfs, 'bin/sh'), 'utf8')).toBe('program')
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })

  test('a store that others can write to is refused', async () => {
    const { store, storeDirectory, add } = await newPlace()
    await mkdir(storeDirectory)
    await chmod(storeDirectory, 0o777)
    await expect(store.unpacked(await add(simple))).rejects.toMatchObject({ code: 'UNSAFE_DIRECTORY' })
    expect(await readdir(storeDirectory)).toEqual([])
  })

  test('a planted symbolic link in the place of the store is refused', async () => {
    const { store, storeDirectory, directory, add } = await newPlace()
    await mkdir(join(directory, 'elsewhere'))
    await symlink(join(directory, 'elsewhere'), storeDirectory)
    await expect(store.unpacked(await add(simple))).rejects.toMatchObject({ code: 'UNSAFE_DIRECTORY' })
    expect(await readdir(join(directory, 'elsewhere'))).toEqual([])
  })
})

describe('populate', () => {
  test('a copy is exact in everything', async ({ skip }) => {
    skip(!isRoot, needsRoot)
    const { store, directory } = await newPlace()
    await makeRichTree(join(directory, 'source'))
    const path = join(directory, 'rich.tar')
    const options = ['--format=pax', '--sparse', '--xattrs', '--xattrs-include=*']
    await run('tar', [...options, '-cf', path, '-C', join(directory, 'source'), '.'])
    const archive = await archiveOf(path)
    await store.populate(archive, join(directory, 'copy'))
    const expected = await describeTree(join(directory, 'source'))
    expect(await describeTree(join(directory, 'copy'))).toEqual(expected)
    expect((await stat(join(directory, 'copy/sparse'))).blocks).toBeLessThan(100)
    // Copying must not have changed what it copied from.
    expect(await describeTree(await store.unpacked(archive))).toEqual(expected)
  })

  test('the copy of a plain tree is exact in everything', async ({ skip }) => {
    skip(!isRoot, needsRoot)
    const { store, directory, add } = await newPlace()
    const archive = await add([
      { name: './', type: '5', mode: 0o711 },
      { name: 'tmp/', type: '5', mode: 0o1777 },
      { name: 'closed/', type: '5', mode: 0o000 },
      { name: 'closed/secret', mode: 0o4711, content: 'abc' },
      { name: 'closed/same', type: '1', linkName: 'closed/secret' },
      { name: 'link', type: '2', linkName: '/closed/secret' },
      { name: 'dangling', type: '2', linkName: 'nowhere' },
      { name: 'same-link', type: '1', linkName: 'dangling' },
    ])
    expect(readPlainTree(await store.unpacked(archive))).toBeDefined()
    await store.populate(archive, join(directory, 'copy'))
    expect(await describeTree(join(directory, 'copy'))).toEqual(
      await describeTree(await store.unpacked(archive)),
    )
  })

  test('a copy shares no file with the store, but its hard links among themselves', async () => {
    const { store, directory, add } = await newPlace()
    const archive = await add(simple)
    const copy = join(directory, 'copy')
    await store.populate(archive, copy)
    const [program, shell, original] = await Promise.all([
      stat(join(copy, 'bin/busybox')),
      stat(join(copy, 'bin/sh')),
      stat(join(await store.unpacked(archive), 'bin/busybox')),
    ])
    expect(shell.ino).toBe(program.ino)
    expect(program.nlink).toBe(2)
    expect(original.ino).not.toBe(program.ino)
    await writeFile(join(copy, 'bin/sh'), 'changed')
    expect(await readFile(join(await store.unpacked(archive), 'bin/sh'), 'utf8')).toBe('program')
  })

  test('a destination that exists is left as it is', async () => {
    const { store, directory, add } = await newPlace()
    const archive = await add(simple)
    await mkdir(join(directory, 'taken'))
    await expect(store.populate(archive, join(directory, 'taken'))).rejects.toMatchObject({
      code: 'ARCHIVE_DESTINATION',
    })
    expect(await readdir(join(directory, 'taken'))).toEqual([])
  })

  test('a destination without a parent', async () => {
    const { store, directory, add } = await newPlace()
    const work = store.populate(await add(simple), join(directory, 'missing/rootfs'))
    await expect(work).rejects.toMatchObject({ code: 'ARCHIVE_DESTINATION' })
  })

  test('a copy that fails or is stopped leaves nothing', async () => {
    const { store, directory, add } = await newPlace()
    const archive = await add(simple)
    await store.unpacked(archive)
    const bundle = join(directory, 'bundle')
    await mkdir(bundle)
    const stopped = store.populate(archive, join(bundle, 'rootfs'), { signal: AbortSignal.abort() })
    await expect(stopped).rejects.toMatchObject({ code: 'ARCHIVE_COPY' })
    expect(await readdir(bundle)).toEqual([])
  })

  test('an ordinary user gets the files that he himself may not read', { timeout: 60_000 }, async ({
    skip,
  }) => {
    const reason = await whyNotAsOrdinaryUser()
    skip(reason !== undefined, reason)
    const { directory, storeDirectory, add } = await newPlace()
    const archive = await add([
      { name: './', type: '5', mode: 0o555 },
      { name: 'secret', mode: 0o000, content: 'abc' },
      { name: 'closed/', type: '5', mode: 0o000 },
    ])
    await chown(directory, ordinaryUser, ordinaryUser)
    const body = `
      const made = new archives.ArchiveStore({ directory: argument.storeDirectory, catalogue: undefined })
      await made.populate(argument.archive, argument.copy)
      await made.populate(argument.archive, argument.copy + '-2')
      await made.release(argument.copy + '-2')
      return (await made.list()).length`
    const copy = join(directory, 'copy')
    expect(await inChild(body, { storeDirectory, archive, copy }, { user: ordinaryUser })).toBe(1)
    expect(await readFile(join(copy, 'secret'), 'utf8')).toBe('abc')
    expect((await lstat(copy)).mode & 0o7777).toBe(0o555)
    expect((await readdir(storeDirectory))[0]).toMatch(/-unprivileged$/)
    expect((await readdir(directory)).filter((name) => name.startsWith('copy'))).toEqual(['copy'])
  })
})

describe('release', () => {
  test('removes a copy, and is content when there is none', async () => {
    const { store, directory, add } = await newPlace()
    await store.populate(await add(simple), join(directory, 'copy'))
    await store.release(join(directory, 'copy'))
    await store.release(join(directory, 'copy'))
    expect(await readdir(directory)).not.toContain('copy')
  })

  test('a copy with something mounted in it stays as it is', async ({ skip }) => {
    skip(!isRoot, 'mounts a file system: run it as root')
    const { store, directory, add } = await newPlace()
    const copy = join(directory, 'copy')
    await store.populate(await add(simple), copy)
    await mkdir(join(directory, 'precious'))
    await writeFile(join(directory, 'precious/file'), 'precious')
    await mkdir(join(copy, 'mnt'))
    await run('mount', ['--bind', join(directory, 'precious'), join(copy, 'mnt')])
    try {
      await expect(store.release(copy)).rejects.toMatchObject({ code: 'ARCHIVE_IN_USE' })
      expect(await readdir(join(directory, 'precious'))).toEqual(['file'])
      expect(await readdir(join(copy, 'bin'))).toHaveLength(2)
    } finally {
      await run('umount', [join(copy, 'mnt')])
    }
  })
})

describe('what the store holds', () => {
  test('is listed with what is known of it', async () => {
    const { store, add } = await newPlace()
    expect(await store.list()).toEqual([])
    const archive = await add(simple)
    const rootfs = await store.unpacked(archive)
    expect(await store.list()).toMatchObject([
      { archive: 'crafted', digest: archive.digest, rootfs, entries: 3, contentBytes: 7 },
    ])
  })

  test('is removed by digest', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const [one, other] = [await add(simple), await add([{ name: 'other' }])]
    await store.unpacked(one)
    const kept = await store.unpacked(other)
    expect(await store.remove(one.digest)).toBe(true)
    expect(await store.remove(one.digest)).toBe(false)
    expect(await readdir(storeDirectory)).toHaveLength(1)
    expect(await store.unpacked(other)).toBe(kept)
  })

  test('garbage is what dead processes left and what is not to be kept, and nothing else', async () => {
    const { store, storeDirectory, add } = await newPlace()
    const [one, other] = [await add(simple), await add([{ name: 'other' }])]
    await store.unpacked(one)
    const kept = await store.unpacked(other)
    const child = await run(process.execPath, ['-p', 'process.pid'])
    const left = `.partial-purpose-${child.stdout.trim()}-1-00ff`
    const others = [left, `.partial-purpose-${process.pid}-1-00ff`, `${'0'.repeat(64)}-0`]
    const notOurs = ['debian.tar', '.hidden', '.partial-a-b-c-d']
    for (const name of [...others, ...notOurs]) await mkdir(join(storeDirectory, name))
    const removed = await store.collectGarbage([other.digest])
    expect(removed).toHaveLength(4)
    expect((await readdir(storeDirectory)).toSorted()).toEqual(
      [...notOurs, kept.split('/').at(-2)].toSorted(),
    )
  })

  test('the partial directory of a living process is no garbage', async () => {
    const { store, storeDirectory, add } = await newPlace()
    await store.unpacked(await add(simple))
    await mkdir(join(storeDirectory, partialName('purpose')))
    await store.collectGarbage([])
    expect(await readdir(storeDirectory)).toHaveLength(1)
  })
})
