import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ArchiveStore, loadCatalogue } from '../archive/index.ts'
import { homeDirectories, readMounts } from '../host/index.ts'
import { parseJson, stringifyJson } from '../spec/index.ts'
import { Session, SessionClosedError, takeSnapshot } from './index.ts'
import type { RunPlace } from './killable-run.fixture.ts'
import { openOwnPlace } from './own-place.fixture.ts'
import { SharedRootfs, sharedRootfsDirectory } from './shared-rootfs.ts'

let place: RunPlace

beforeEach((context) => {
  const own = openOwnPlace(context)
  place = own.place
  return own.end
})

const open = () => Session.open({ sessions: place.sessions, bundles: place.bundles })

function mountPointsBelow(directory: string): readonly string[] {
  return readMounts()
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => mountPoint.startsWith(`${directory}/`))
}

/** As an author does, and two processes of one session do. */
async function sharedBy(session: Session) {
  const { archives } = homeDirectories()
  const catalogue = await loadCatalogue({ directory: archives })
  const store = new ArchiveStore({ directory: join(archives, 'unpacked'), catalogue })
  return { shared: new SharedRootfs(session.directory, store), archive: await store.resolve('busybox') }
}

test('the bundles of a session share a root file system that nobody can write to', async () => {
  await using session = await open()
  const bundles = await session.bundles('runc')
  const [one, other] = [
    await bundles.createBusyboxBundle('one', ['sh', '-c', 'echo mine > /etc/hostname || echo refused']),
    await bundles.createBusyboxBundle('other', ['true']),
  ]
  expect(one.rootfs).toBe(other.rootfs)
  expect(readdirSync(one.path).sort()).toEqual(['config.json', 'io'])
  expect(() => writeFileSync(join(one.rootfs, 'etc/hostname'), 'mine')).toThrow(/EROFS/)
  // Whatever becomes of the configuration: the container is told that it may write, and still cannot.
  const runtime = await session.runtime('runc')
  const path = join(one.path, 'config.json')
  const spec = parseJson(stringifyJson({ ...one.spec, root: { path: one.rootfs, readonly: false } }))
  writeFileSync(path, stringifyJson(spec))
  expect((await runtime.run(one)).stdout).toBe('refused\n')
  expect((await runtime.run(other)).exitCode).toBe(0)
})

test('a closed session gives out no runtime, not even one whose directories could be used again', async () => {
  const session = await open()
  await session.closeRuntime(await session.runtime('runc'), { mayBeUsed: false })
  await session.close()
  await expect(session.runtime('runc')).rejects.toBeInstanceOf(SessionClosedError)
})

test('what is shared goes with the session and is no leak', async () => {
  const session = await open()
  const bundles = await session.bundles('runc')
  await bundles.createBusyboxBundle('reading', ['true'])
  expect(mountPointsBelow(session.directory)).toHaveLength(1)
  expect(await session.close()).toEqual([])
  expect(mountPointsBelow(session.directory)).toEqual([])
})

test("what is mounted on what is shared is somebody else's, and noticed", async () => {
  const session = await open()
  const bundles = await session.bundles('runc')
  const place = join((await bundles.createBusyboxBundle('reading', ['true'])).rootfs, 'mnt')
  execFileSync('mount', ['-t', 'tmpfs', 'none', place])
  expect(takeSnapshot(session.scope()).get('mount')).toEqual(new Set([place]))
  expect(await session.close()).toEqual([{ kind: 'mount', what: place }])
  expect(mountPointsBelow(session.directory)).toEqual([])
})

test('two who share at once come to the same place, and all their mounts go', async () => {
  const session = await open()
  const [one, other] = [await sharedBy(session), await sharedBy(session)]
  const places = await Promise.all([one.shared.of(one.archive), other.shared.of(other.archive)])
  expect(places[0]).toBe(places[1])
  expect(places[0]).toContain(sharedRootfsDirectory(session.directory))
  expect(readdirSync(sharedRootfsDirectory(session.directory))).toHaveLength(1)
  expect(await session.close()).toEqual([])
  expect(mountPointsBelow(session.directory)).toEqual([])
})
