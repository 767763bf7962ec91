// The reaper. Started with the directory of a session and its owner, it waits until the owner has ended and cleans what
// is left. When the session is closed in good order it is sent away, or sees that the directory is gone and ends by
// itself. It tells nobody anything: nobody listens.
import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { atThisPace, until, waitForExit } from '../host/index.ts'
import { cleanSession } from './clean-session.ts'
import { Deadline } from './deadline.ts'
import { removeIfEmpty } from './empty-directory.ts'
import { isMarkedKept } from './kept.ts'
import { identityOf } from './owner.ts'
import { parseOwner } from './session-record.ts'
import { removeDeadTransients } from './transients.ts'

/** Pauses between tries, in milliseconds, for what cannot be removed at first: a busy disk, a process in the kernel. */
const pausesMs = [0, 2000, 10_000, 60_000]
/** The directory is made right after the reaper was started; it may take a while on a machine out of breath. */
const openingMs = atThisPace(60_000)
const deadlineMs = atThisPace(30_000)

const [directory = '', ownerText = ''] = process.argv.slice(2)
const name = parseOwner(ownerText)
const owner = name && identityOf(name)

if (owner !== undefined) {
  const gone = new AbortController()
  void endWithDirectory(gone)
  await waitForExit(owner, { signal: gone.signal }).catch(() => undefined)
  for (const pause of isMarkedKept(directory) ? [] : pausesMs) {
    await delay(pause)
    if (await isDone()) break
  }
}
process.exit()

/** Cleans, and tells whether there is nothing more to do. What goes wrong may go right the next time. */
async function isDone(): Promise<boolean> {
  try {
    const { outcome } = await cleanSession(directory, { deadlineMs })
    if (outcome === 'gone') await cleanUnopened()
    return outcome !== 'incomplete' && outcome !== 'busy'
  } catch {
    return false
  }
}

/** The owner may have ended right before its session was to be found under its name. */
async function cleanUnopened(): Promise<void> {
  await removeDeadTransients(dirname(directory), new Deadline(deadlineMs))
  removeIfEmpty(dirname(directory))
}

/** Ends the wait once the directory, which must have appeared first, has been renamed or removed. */
async function endWithDirectory(gone: AbortController): Promise<void> {
  try {
    await until(() => existsSync(directory), { timeoutMs: openingMs, what: directory, intervalMs: 50 })
    watch(directory, () => {
      if (!existsSync(directory)) gone.abort()
    }).on('error', () => undefined)
    if (!existsSync(directory)) gone.abort()
  } catch {
    // It never appeared, or there are no inotify watches left: then the owner's end is what ends the wait.
  }
}
