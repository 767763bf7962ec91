import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { cleanDeadSessions } from './clean-dead-sessions.ts'
import { type Owner, ownerOf, ownSelf } from './owner.ts'
import { randomSessionId } from './session-name.ts'
import { recordName, type SessionRecord, sessionRecordText, stampName } from './session-record.ts'

let directory: string
let sessions: string
let bundles: string
let dead: Owner

beforeEach(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-sessions-')))
  sessions = join(directory, 'sessions')
  bundles = join(directory, 'bundles')
  for (const path of [sessions, bundles, join(directory, 'outside')]) mkdirSync(path)
  writeFileSync(join(directory, 'outside/precious'), '')
  dead = await deadOwner()
  return () => rmSync(directory, { recursive: true, force: true })
})

async function deadOwner(): Promise<Owner> {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const owner = ownerOf(child.pid ?? 0) ?? expect.fail('sleep has no identity')
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return owner
}

/** Records a session with a file in its directory and one in its bundles. */
function makeSession(owner: Owner, change: Partial<SessionRecord> = {}): SessionRecord {
  const id = randomSessionId()
  const record: SessionRecord = {
    format: 'runwright.session/1',
    id,
    owner,
    openedAt: new Date().toISOString(),
    directory: join(sessions, id),
    bundles: join(bundles, id),
    ...change,
  }
  const home = join(sessions, id)
  mkdirSync(join(home, 'temporary/deep'), { recursive: true })
  writeFileSync(join(home, recordName), sessionRecordText(record), { mode: 0o600 })
  symlinkSync(join(directory, 'outside'), join(home, 'temporary/link'))
  mkdirSync(join(bundles, id, 'bundle'), { recursive: true })
  writeFileSync(join(bundles, id, stampName), sessionRecordText(record), { mode: 0o600 })
  return record
}

const clean = () => cleanDeadSessions({ sessions, bundles, deadlineMs: 10_000 })
const isPreciousThere = () => existsSync(join(directory, 'outside/precious'))

describe('a session is removed, with its bundles and nothing else, when its owner', () => {
  test('is dead', async () => {
    const { id } = makeSession(dead)
    writeFileSync(join(bundles, 'another'), '')
    const report = await clean()
    expect(report).toMatchObject({
      sessions: [{ directory: join(sessions, id), outcome: 'cleaned' }],
      refused: [],
    })
    expect(existsSync(sessions)).toBe(false)
    expect(readdirSync(bundles)).toEqual(['another'])
    expect(isPreciousThere()).toBe(true)
  })

  test('has a pid that means another process by now', async () => {
    makeSession({ ...ownSelf(), startTime: '1' })
    expect((await clean()).sessions).toMatchObject([{ outcome: 'cleaned' }])
  })

  test('lived before the last boot, whatever has its pid now', async () => {
    makeSession({ ...ownSelf(), boot: 'an earlier one' })
    expect((await clean()).sessions).toMatchObject([{ outcome: 'cleaned' }])
  })
})

describe('a session is left alone when its owner', () => {
  test.each([
    ['lives', () => ownSelf()],
    ['may live, in another pid namespace', () => ({ ...dead, pidNamespace: 'pid:[1]' })],
  ])('%s', async (_what, owner) => {
    const { id } = makeSession(owner())
    expect((await clean()).sessions).toMatchObject([{ outcome: 'alive', removed: [] }])
    expect(existsSync(join(sessions, id, 'temporary/deep'))).toBe(true)
    expect(existsSync(join(bundles, id, 'bundle'))).toBe(true)
  })
})

describe('what is not safely a session of ours is left alone and reported:', () => {
  const expectRefusal = async (name: string) => {
    const report = await clean()
    expect(report.refused.map(({ path }) => path)).toEqual([join(sessions, name)])
    expect(report.sessions).toEqual([])
    expect(readdirSync(sessions)).toEqual([name])
    expect(isPreciousThere()).toBe(true)
  }

  test('a directory that is called otherwise', async () => {
    mkdirSync(join(sessions, 'my-notes'))
    await expectRefusal('my-notes')
  })

  test('a symbolic link to the directory of a dead session elsewhere', async () => {
    const { id } = makeSession(dead)
    const elsewhere = join(directory, 'elsewhere')
    mkdirSync(elsewhere)
    rmSync(join(sessions, id), { recursive: true })
    writeFileSync(join(elsewhere, recordName), '')
    symlinkSync(elsewhere, join(sessions, id))
    await expectRefusal(id)
    expect(readdirSync(elsewhere)).toEqual([recordName])
  })

  test('a directory without a record', async () => {
    const { id } = makeSession(dead)
    rmSync(join(sessions, id, recordName))
    await expectRefusal(id)
  })

  test('a record that is a symbolic link', async () => {
    const { id, ...rest } = makeSession(dead)
    writeFileSync(join(directory, 'planted'), sessionRecordText({ id, ...rest }), { mode: 0o600 })
    rmSync(join(sessions, id, recordName))
    symlinkSync(join(directory, 'planted'), join(sessions, id, recordName))
    await expectRefusal(id)
  })

  test('a record of another session', async () => {
    const { id } = makeSession(dead)
    const living = makeSession(ownSelf())
    rmSync(living.directory, { recursive: true })
    writeFileSync(join(sessions, id, recordName), sessionRecordText({ ...living, owner: dead }))
    await expectRefusal(id)
    expect(existsSync(living.bundles)).toBe(true)
  })

  test('a record whose bundles are somewhere else', async () => {
    const { id } = makeSession(dead, { bundles: join(directory, 'outside') })
    await expectRefusal(id)
  })

  test('a directory that others may write to', async () => {
    const { id } = makeSession(dead)
    chmodSync(join(sessions, id), 0o777)
    await expectRefusal(id)
  })

  test('a directory of another user', async (context) => {
    context.skip(process.geteuid?.() !== 0, 'needs root to make one')
    const { id } = makeSession(dead)
    chownSync(join(sessions, id), 12_345, 12_345)
    await expectRefusal(id)
  })
})

describe('what was left half way is removed when its maker is dead:', () => {
  test('a session being opened or removed', async () => {
    const { pid, startTime } = dead
    mkdirSync(join(sessions, `.passing-${pid}-${startTime}-1-abcdefghij`))
    const own = `.passing-${ownSelf().pid}-${ownSelf().startTime}-1-abcdefghij`
    mkdirSync(join(sessions, own))
    await clean()
    expect(readdirSync(sessions)).toEqual([own])
  })

  test('bundles whose session a reboot has removed', async () => {
    const forgotten = makeSession({ ...ownSelf(), boot: 'an earlier one' })
    const living = makeSession(ownSelf())
    const elsewhere = makeSession(ownSelf())
    rmSync(forgotten.directory, { recursive: true })
    rmSync(elsewhere.directory, { recursive: true })
    await clean()
    expect(readdirSync(bundles).sort()).toEqual([living.id, elsewhere.id].sort())
  })
})
