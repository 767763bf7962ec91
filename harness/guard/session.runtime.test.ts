import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { cgroupLayout, isProcessAlive, until } from '../host/index.ts'
import { findCgroups } from './cgroup-search.ts'
import {
  cleanDeadSessions,
  compareSnapshots,
  Session,
  SessionClosedError,
  SessionNameError,
  takeSnapshot,
} from './index.ts'
import type { RunPlace } from './killable-run.fixture.ts'
import { openOwnPlace } from './own-place.fixture.ts'
import { identityOf, ownerOf } from './owner.ts'
import { startReaper } from './reaper.ts'
import { cgroupMountPoints } from './session-cgroups.ts'
import { parseOwner } from './session-record.ts'

let place: RunPlace

beforeEach((context) => {
  const own = openOwnPlace(context)
  place = own.place
  return own.end
})

const open = () => Session.open({ sessions: place.sessions, bundles: place.bundles })

/** The reaper of a session that is open. */
function reaperOf({ directory }: Session) {
  const reaper = parseOwner(readFileSync(join(directory, 'reaper.json'), 'utf8'))
  return (reaper && identityOf(reaper)) ?? expect.fail('no reaper')
}

function removeCgroup(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch {
    return false
  }
}

function cgroupsNamed(id: string): readonly string[] {
  return cgroupMountPoints().flatMap((mountPoint) => findCgroups(mountPoint, (name) => name === id))
}

describe('a session that is closed', () => {
  test('in good order has left nothing, not even its reaper', async () => {
    const session = await open()
    const runtime = await session.runtime('runc')
    const container = await runtime.create({ path: place.bundle })
    await container.start()
    await runtime.remove(container.id)
    const reaper = reaperOf(session)
    expect(isProcessAlive(reaper)).toBe(true)
    expect(await session.close()).toEqual([])
    expect(isProcessAlive(reaper)).toBe(false)
    expect(place.traces()).toEqual([])
    expect(existsSync(place.sessions)).toBe(false)
  })

  test('with containers in it removes and tells them', async () => {
    const session = await open()
    const runtime = await session.runtime('runc')
    const container = await runtime.create({ path: place.bundle })
    const paused = await runtime.runDetached({ path: place.bundle })
    await paused.pause()
    expect(await session.close()).toEqual([
      { kind: 'container', what: container.id },
      { kind: 'container', what: paused.id },
    ])
    expect(place.traces()).toEqual([])
  })

  test('can be closed again, and makes nothing any more', async () => {
    const session = await open()
    expect(session.isOpen).toBe(true)
    await session.close()
    expect(session.isOpen).toBe(false)
    expect(await session.close()).toEqual([])
    await expect(session.runtime('runc')).rejects.toThrow(SessionClosedError)
    await expect(session.temporaryDirectory('x')).rejects.toThrow(SessionClosedError)
    expect(() => Session.join(session.directory)).toThrow(SessionClosedError)
    expect(place.traces()).toEqual([])
  })

  test('closes at the end of its block', async () => {
    let directory = ''
    {
      await using session = await open()
      directory = session.directory
      expect(existsSync(directory)).toBe(true)
    }
    expect(existsSync(directory)).toBe(false)
  })
})

test('an owner that ends while it opens a session leaves nothing', async () => {
  const owner = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const name = ownerOf(owner.pid ?? 0) ?? expect.fail('the owner has no identity')
  mkdirSync(join(place.sessions, `.passing-${name.pid}-${name.startTime}-1-abcdefghij`), { recursive: true })
  startReaper(join(place.sessions, 'abcdefghij'), name)
  expect(place.traces().some((line) => line.includes('reaper-program'))).toBe(true)
  owner.kill('SIGKILL')
  await until(() => place.traces().length === 0, { timeoutMs: 20_000, what: 'all traces to go' })
  expect(existsSync(place.sessions)).toBe(false)
})

test('a session on a full disk can be closed', async () => {
  mkdirSync(place.sessions, { mode: 0o711 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=711', 'none', place.sessions])
  try {
    const session = await open()
    const runtime = await session.runtime('runc')
    await runtime.runDetached({ path: place.bundle })
    const fill = () => writeFileSync(join(session.directory, 'large'), Buffer.alloc(256 * 1024))
    expect(fill).toThrow('ENOSPC')
    expect((await session.close()).map(({ kind }) => kind)).toEqual(['container'])
    expect(readdirSync(place.sessions)).toEqual([])
  } finally {
    execFileSync('umount', [place.sessions])
  }
})

test('a session that is kept stays after its end, until it is asked for', async () => {
  const session = await open()
  await session.keep()
  writeFileSync(join(await session.temporaryDirectory('notes'), 'file'), '')
  const { sessions, bundles } = place
  const record = join(session.directory, 'session.json')
  // As if this process had ended.
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"startTime": "\d+"/, '"startTime": "1"'))
  expect((await cleanDeadSessions({ sessions, bundles })).sessions).toMatchObject([{ outcome: 'kept' }])
  expect(existsSync(session.directory)).toBe(true)
  expect((await cleanDeadSessions({ sessions, bundles, kept: true })).sessions).toMatchObject([
    { outcome: 'cleaned' },
  ])
})

describe('names', () => {
  test('of containers bear the session, and no two drivers share them', async () => {
    await using session = await open()
    const [one, two] = [await session.runtime('runc'), await session.runtime('runc')]
    const ids = [await one.create({ path: place.bundle }), await two.create({ path: place.bundle })].map(
      ({ id }) => id,
    )
    expect(ids.every((id) => id.startsWith(`runwright-${session.id}-`))).toBe(true)
    expect(new Set(ids).size).toBe(2)
    expect((await one.list()).map(({ id }) => id)).toEqual([ids[0]])
  })

  test('that a cleaner would not recognise are refused', async () => {
    await using session = await open()
    await expect(session.runtime('runc', { idPrefix: 'mine' })).rejects.toThrow(SessionNameError)
    await expect(session.runtime('runc', { idPrefix: session.nextPrefix() })).resolves.toBeDefined()
    for (const name of ['', '.', '../x', 'a/b', 'x'.repeat(300), 'a\0b']) {
      await expect(session.temporaryDirectory(name)).rejects.toThrow(SessionNameError)
    }
  })
})

test("a cgroup of somebody else's with the name of a container stays, and what is in it", async () => {
  const session = await open()
  const runtime = await session.runtime('runc')
  const name = `shared-name-${process.pid}`
  mkdirSync(join(runtime.directory, name), { recursive: true })
  const { controllers, unified } = cgroupLayout()
  const cgroup = join(controllers.get('pids') ?? unified ?? '', name)
  mkdirSync(cgroup)
  const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const ended = once(stranger, 'exit')
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), String(stranger.pid))
    await session.close()
    expect(existsSync(session.directory)).toBe(false)
    expect(stranger.signalCode).toBeNull()
    expect(readFileSync(join(cgroup, 'cgroup.procs'), 'utf8')).toBe(`${stranger.pid}\n`)
  } finally {
    stranger.kill('SIGKILL')
    await ended
    await until(() => removeCgroup(cgroup), { timeoutMs: 5000, what: 'the cgroup to be free' })
  }
})

test('a program with the variables of a session ends with it', async () => {
  const session = await open()
  const program = spawn('sh', ['-c', 'sleep 1000 & exec sleep 1000'], {
    env: { ...process.env, ...session.environment },
    stdio: 'ignore',
  })
  const ended = once(program, 'exit')
  const leaks = await session.close()
  expect(leaks.map(({ kind }) => kind)).toContain('process')
  expect(await ended).toEqual([null, 'SIGKILL'])
})

test('a driver that is closed has left nothing, and tells the containers that were there', async () => {
  await using session = await open()
  const runtime = await session.runtime('runc')
  const before = takeSnapshot(session.scope())
  const { id } = await runtime.runDetached({ path: place.bundle })
  expect(new Set(compareSnapshots(before, takeSnapshot(session.scope())).map(({ kind }) => kind))).toEqual(
    new Set(['container', 'process', 'cgroup']),
  )
  expect(await session.closeRuntime(runtime)).toEqual([{ kind: 'container', what: id }])
  expect(compareSnapshots(before, takeSnapshot(session.scope()))).toEqual([])
  expect(existsSync(runtime.root)).toBe(false)
  await expect(session.closeRuntime(runtime)).resolves.toEqual([])
})

test('closing a runtime also removes a container that no record of the driver names', async () => {
  const session = await open()
  const runtime = await session.runtime('runc')
  const id = `${session.nextPrefix()}-raw`
  expect(await runtime.command(['create', '--bundle', place.bundle, id])).toMatchObject({ exitCode: 0 })
  expect(await session.closeRuntime(runtime)).toEqual([{ kind: 'container', what: id }])
  expect(await session.close()).toEqual([])
})

test('a container that a runtime has named with a dot is removed, and its cgroup with it', async () => {
  const session = await open()
  const runtime = await session.runtime('runc')
  const before = takeSnapshot(session.scope())
  const id = `..-${session.nextPrefix()}`
  expect(await runtime.command(['create', '--bundle', place.bundle, id])).toMatchObject({ exitCode: 0 })
  expect(cgroupsNamed(id)).not.toEqual([])
  expect(compareSnapshots(before, takeSnapshot(session.scope()))).toContainEqual({
    kind: 'container',
    what: id,
  })
  expect(await session.closeRuntime(runtime)).toEqual([{ kind: 'container', what: id }])
  expect(cgroupsNamed(id)).toEqual([])
  expect(await session.close()).toEqual([])
})

describe('the session of a run', () => {
  test('is one for all its workers, though they ask at once, and goes with the run', async () => {
    const run = place.workers(4)
    const lines = await until(() => run.lines.length === 4 && run.lines, {
      timeoutMs: 30_000,
      what: 'four answers',
    })
    const [directories, own, prefixes] = [0, 1, 2].map(
      (field) => new Set(lines.map((line) => line.split(' ')[field])),
    )
    expect(directories?.size).toBe(1)
    expect(own).toEqual(new Set(['false']))
    expect(prefixes?.size).toBe(4)
    expect(place.traces().filter((line) => line.includes('reaper-program'))).toHaveLength(1)
    await run.killed()
    await until(() => place.traces().length === 0, { timeoutMs: 20_000, what: 'the session to go' })
  })

  test('is not closed by who does not own it', async () => {
    const run = place.run()
    await until(() => run.isReady, { timeoutMs: 30_000, what: 'the run to be ready' })
    const before = place.traces()
    const member = place.member(run)
    await until(() => member.isReady, { timeoutMs: 30_000, what: 'the member to try' })
    expect(member.lines[0]).toBe('false []')
    await member.killed()
    expect(place.traces()).toEqual(before)
  })
})

test('a program that uses the default registry leaves nothing, though it closes nothing', async () => {
  const user = place.user()
  await until(() => user.hasEnded, { timeoutMs: 60_000, what: 'the program to end' })
  const [directory, paths, printed] = user.lines.map((line) => JSON.parse(line))
  expect(paths).toEqual([paths[0], paths[0], paths[0], null])
  expect(paths[0].startsWith(join(place.bundles, basename(directory)))).toBe(true)
  expect(printed).toBe('hello\n')
  await until(() => place.traces().length === 0, { timeoutMs: 20_000, what: 'everything to go' })
})

test('sessions are not recorded where others can write', async () => {
  mkdirSync(place.sessions, { mode: 0o777 })
  chmodSync(place.sessions, 0o777)
  await expect(open()).rejects.toMatchObject({ code: 'UNSAFE_DIRECTORY' })
})
