/** Private root file systems that are overlays: what containers and tests find in them, and that they go. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { ArchiveStore, loadCatalogue } from '../archive/index.ts'
import { type Bundle, BundleConflictError, BundleMountedError, type BundleRegistry } from '../bundle/index.ts'
import { homeDirectories, ownOverlays, readMounts, unmount, until } from '../host/index.ts'
import { cleanDeadSessions, Session, takeSnapshot } from './index.ts'
import type { RunPlace } from './killable-run.fixture.ts'
import { openOwnPlace } from './own-place.fixture.ts'
import { mostOverlays, RootfsOverlays } from './rootfs-overlays.ts'

let place: RunPlace

beforeEach((context) => {
  const own = openOwnPlace(context)
  place = own.place
  return own.end
})

const open = () => Session.open({ sessions: place.sessions, bundles: place.bundles })

async function archiveStore(directory?: string): Promise<ArchiveStore> {
  const { archives } = homeDirectories()
  const catalogue = await loadCatalogue({ directory: archives })
  return new ArchiveStore({ directory: directory ?? join(archives, 'unpacked'), catalogue })
}

/** The root file system of the store that no bundle may ever change. */
async function storedBusybox(): Promise<string> {
  const store = await archiveStore()
  return await store.unpacked(await store.resolve('busybox'))
}

function ofOwn(bundles: BundleRegistry, name: string, ...args: readonly string[]): Promise<Bundle> {
  return bundles.createBusyboxBundle(name, args, (spec) => {
    spec.root = { path: 'rootfs', readonly: false }
  })
}

function overlaysBelow(directory: string) {
  const mounts = readMounts()
  return ownOverlays(mounts).filter(({ mountPoint }) => mountPoint.startsWith(`${directory}/`))
}

describe('a private root file system', () => {
  test('is written to by its container, its test and nobody else', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    const stored = await storedBusybox()
    const before = readdirSync(stored)
    const one = await ofOwn(
      bundles,
      'one',
      'sh',
      '-c',
      'rm -r /etc && mv /bin /programs && echo written > /new',
    )
    const other = await ofOwn(bundles, 'other', 'ls', '/')
    expect(overlaysBelow(session.bundlesDirectory).map(({ mountPoint }) => mountPoint)).toEqual([
      one.rootfs,
      other.rootfs,
    ])
    const runtime = await session.runtime('runc')
    expect(await runtime.run(one)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readFileSync(join(one.rootfs, 'new'), 'utf8')).toBe('written\n')
    expect(readdirSync(one.rootfs)).toContain('programs')
    expect(readdirSync(one.rootfs)).not.toContain('etc')
    writeFileSync(join(other.rootfs, 'note'), 'of the test')
    const listed = (await runtime.run(other)).stdout.split('\n')
    expect(listed).toEqual(expect.arrayContaining(['bin', 'etc', 'note']))
    expect(listed).not.toContain('new')
    expect(readdirSync(stored)).toEqual(before)
  })

  test('has devices and several names of a file as a copy has', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    const { rootfs } = await ofOwn(bundles, 'own', 'true')
    expect(overlaysBelow(session.bundlesDirectory)).toHaveLength(1)
    execFileSync('mknod', [join(rootfs, 'null'), 'c', '1', '3'])
    writeFileSync(join(rootfs, 'null'), 'goes away')
    const names = readdirSync(join(rootfs, 'bin'))
    const [first = '', last = ''] = [names.at(0), names.at(-1)].map((name) => join(rootfs, 'bin', name ?? ''))
    const { nlink } = lstatSync(first)
    writeFileSync(first, 'another program')
    expect(readFileSync(last, 'utf8')).toBe('another program')
    expect(lstatSync(last)).toMatchObject({ nlink, ino: lstatSync(first).ino })
    expect(lstatSync(rootfs).mode & 0o7777).toBe(0o755)
  })

  test('is a copy for who asks for one, and where users have a namespace', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    const copied = await bundles.createBusyboxBundle('copied', ['true'], undefined, { rootfs: 'copied' })
    await bundles.createBusyboxBundle('users', ['true'], (spec) => {
      spec.linux?.namespaces?.push({ type: 'user' })
    })
    expect(copied.isCopied).toBe(true)
    expect(overlaysBelow(session.bundlesDirectory)).toEqual([])
    await expect(
      bundles.createBusyboxBundle('copied', ['true'], undefined, { rootfs: 'private' }),
    ).rejects.toMatchObject({ differences: [{ path: ['isCopied'], registered: true }] })
    const careful = await session.bundles('runc', { privateRootfs: 'copied' })
    await ofOwn(careful, 'careful', 'true')
    expect(overlaysBelow(session.bundlesDirectory)).toEqual([])
  })

  test('is a copy in a session that has many overlays', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    for (let number = 0; number <= mostOverlays; number += 1) await ofOwn(bundles, `of-${number}`, 'true')
    expect(overlaysBelow(session.bundlesDirectory)).toHaveLength(mostOverlays)
    const { rootfs } = await bundles.requireBundle(`of-${mostOverlays}`)
    expect(readdirSync(rootfs)).toEqual(readdirSync(await storedBusybox()))
    expect(readMounts().some(({ mountPoint }) => mountPoint === rootfs)).toBe(false)
    expect(await session.close()).toEqual([])
  })
})

describe('an overlay', () => {
  test.for([
    ['is made beside the store', ['-t', 'tmpfs', 'none'], 'place/unpacked', true],
    ['is not made on another file system', ['-t', 'tmpfs', 'none'], 'unpacked', false],
    [
      'is not made where devices are forbidden',
      ['-t', 'tmpfs', '-o', 'nodev', 'none'],
      'place/unpacked',
      false,
    ],
    [
      'is not made on an overlay',
      ['-t', 'overlay', '-o', 'lowerdir=lower,upperdir=upper,workdir=work', 'overlay'],
      'place/unpacked',
      false,
    ],
  ] as const)('%s', async ([, mount, storeDirectory, isMade]) => {
    const at = (name: string) => join(place.directory, name)
    for (const name of ['lower', 'upper', 'work', 'place']) mkdirSync(at(name))
    execFileSync('mount', [...mount, 'place'], { cwd: place.directory })
    try {
      const store = await archiveStore(at(storeDirectory))
      const archive = await store.resolve('busybox')
      mkdirSync(at('place/bundles'))
      const overlays = new RootfsOverlays(at('place/bundles'), store)
      const places = { rootfs: at('place/bundles/rootfs'), layers: at('place/bundles/layers') }
      expect(await overlays.mount(archive, places)).toBe(isMade)
      expect(readdirSync(at('place/bundles'))).toEqual(isMade ? ['layers', 'rootfs'] : [])
      if (isMade) unmount(places.rootfs)
    } finally {
      execFileSync('umount', [at('place')])
    }
  })

  test('is a private mount, also below a shared one', async () => {
    mkdirSync(place.bundles, { mode: 0o711 })
    execFileSync('mount', ['--bind', place.bundles, place.bundles])
    execFileSync('mount', ['--make-shared', place.bundles])
    try {
      await using session = await open()
      await ofOwn(await session.bundles('runc'), 'own', 'true')
      const overlays = overlaysBelow(session.bundlesDirectory)
      expect(overlays).toMatchObject([{ propagation: [] }])
      expect(overlays[0]?.options).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(ro|nosuid|nodev|noexec)$/)]),
      )
    } finally {
      execFileSync('umount', [place.bundles])
    }
  })
})

describe('another process of the session', () => {
  test('has the same bundle, whose conflicts are as ever', async () => {
    await using session = await open()
    const [one, other] = [
      await session.bundles('runc'),
      await Session.join(session.directory).bundles('runc'),
    ]
    const made = await ofOwn(one, 'own', 'true')
    writeFileSync(join(made.rootfs, 'note'), 'here')
    expect(await ofOwn(other, 'own', 'true')).toEqual(made)
    expect(readFileSync(join(made.rootfs, 'note'), 'utf8')).toBe('here')
    await expect(ofOwn(other, 'own', 'false')).rejects.toBeInstanceOf(BundleConflictError)
    await other.removeBundle('own')
    expect(await one.getBundle('own')).toBeUndefined()
    expect(overlaysBelow(session.bundlesDirectory)).toEqual([])
    expect(existsSync(made.path)).toBe(false)
  })

  test('does not take a bundle for whole that has lost its mount', async () => {
    await using session = await open()
    const [one, other] = [
      await session.bundles('runc'),
      await Session.join(session.directory).bundles('runc'),
    ]
    const made = await ofOwn(one, 'own', 'true')
    unmount(made.rootfs)
    expect(await other.getBundle('own')).toBeUndefined()
    expect(await one.getBundle('own')).toBeUndefined()
    expect(await ofOwn(other, 'own', 'true')).toEqual(made)
    expect(readdirSync(made.rootfs)).toContain('bin')
    expect(await one.getBundle('own')).toEqual(made)
    expect(overlaysBelow(session.bundlesDirectory)).toHaveLength(1)
  })
})

describe('removal', () => {
  test('of a bundle takes its overlay away, follows no link, and leaves the store', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    const stored = await storedBusybox()
    const before = readdirSync(stored)
    const [one, other] = [await ofOwn(bundles, 'one', 'true'), await ofOwn(bundles, 'other', 'true')]
    symlinkSync(stored, join(one.rootfs, 'planted'))
    symlinkSync(stored, join(one.path, 'overlay/planted'))
    await bundles.removeBundle('one')
    expect(overlaysBelow(session.bundlesDirectory).map(({ mountPoint }) => mountPoint)).toEqual([
      other.rootfs,
    ])
    unmount(other.rootfs)
    execFileSync('rmdir', [other.rootfs])
    symlinkSync(stored, other.rootfs)
    await bundles.removeAll()
    expect(readdirSync(dirname(one.path))).toEqual(['.registry'])
    expect(readdirSync(stored)).toEqual(before)
  })

  test.for([
    ['in it', (rootfs: string) => ['-t', 'tmpfs', 'none', join(rootfs, 'mnt')], 'mnt'],
    ['over it', (rootfs: string) => ['--bind', rootfs, rootfs], ''],
  ] as const)('is refused while something else is mounted %s, which is noticed', async ([, mount, below]) => {
    const session = await open()
    const bundles = await session.bundles('runc')
    const { rootfs } = await ofOwn(bundles, 'own', 'true')
    const foreign = join(rootfs, below)
    mkdirSync(join(rootfs, 'mnt'), { recursive: true })
    execFileSync('mount', mount(rootfs))
    await expect(bundles.removeBundle('own')).rejects.toMatchObject({
      code: 'BUNDLE_MOUNTED',
      mountPoints: [foreign],
    })
    await expect(bundles.removeAll()).rejects.toBeInstanceOf(BundleMountedError)
    expect(overlaysBelow(session.bundlesDirectory)).toHaveLength(1)
    expect(takeSnapshot(session.scope()).get('mount')).toEqual(new Set([foreign]))
    expect(await session.close()).toEqual([{ kind: 'mount', what: foreign }])
    expect(overlaysBelow(place.directory)).toEqual([])
  })

  test('is no leak when a session that holds some is closed', async () => {
    const session = await open()
    const bundles = await session.bundles('runc')
    const { rootfs } = await ofOwn(bundles, 'own', 'true')
    writeFileSync(join(rootfs, 'bin/new'), '')
    expect(takeSnapshot(session.scope()).get('mount')).toEqual(new Set())
    expect(await session.close()).toEqual([])
    expect(overlaysBelow(place.directory)).toEqual([])
  })

  test('comes after the container that is still in it', async () => {
    await using session = await open()
    const bundles = await session.bundles('runc')
    const runtime = await session.runtime('runc')
    const used = await ofOwn(bundles, 'used', 'sleep', '1000')
    const container = await runtime.runDetached(used)
    await bundles.removeBundle('used')
    expect(existsSync(used.path)).toBe(false)
    await runtime.remove(container.id)
  })
})

describe('a process that is killed', () => {
  test('leaves nothing of its overlays', async () => {
    const run = place.overlaid()
    await until(() => run.isReady || run.hasEnded, { timeoutMs: 60_000, what: 'a run with overlays' })
    expect(overlaysBelow(place.directory)).toHaveLength(2)
    await run.killed()
    await until(() => place.traces().length === 0, { timeoutMs: 30_000, what: 'all traces to go' })
  })

  test('and its reaper too, leaves what the next cleaning removes', async () => {
    const run = place.overlaid()
    await until(() => run.isReady || run.hasEnded, { timeoutMs: 60_000, what: 'a run with overlays' })
    run.killReaper()
    await run.killed()
    expect(overlaysBelow(place.directory)).toHaveLength(2)
    const { sessions, bundles } = place
    expect((await cleanDeadSessions({ sessions, bundles })).sessions).toMatchObject([{ outcome: 'cleaned' }])
    expect(place.traces()).toEqual([])
  })
})

test('a session that is kept keeps its overlays until it is asked for', async () => {
  const session = await open()
  const { rootfs } = await ofOwn(await session.bundles('runc'), 'own', 'true')
  await session.keep()
  const { sessions, bundles } = place
  const record = join(session.directory, 'session.json')
  // As if this process had ended.
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"startTime": "\d+"/, '"startTime": "1"'))
  await cleanDeadSessions({ sessions, bundles })
  expect(readdirSync(rootfs)).toContain('bin')
  await cleanDeadSessions({ sessions, bundles, kept: true })
  expect(overlaysBelow(place.directory)).toEqual([])
})
