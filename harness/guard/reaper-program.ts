// The reaper. Started with the directory of a session and its owner, it waits until the owner has ended and cleans what
// is left. When the session is closed in good order it is sent away, or sees that the directory is gone and ends by
// itself. It tells nobody anything: nobody listens.
import { existsSync, watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { until, waitForExit } from '../host/index.ts'
import { cleanSession } from './clean-session.ts'
import { isMarkedKept } from './kept.ts'
import { identityOf } from './owner.ts'
import { parseOwner } from './session-record.ts'

/** Pauses between tries, in milliseconds, for what cannot be removed at first: a busy disk, a process in the kernel. */
const pausesMs = [0, 2000, 10_000, 60_000]
/** The directory is made right after the reaper was started; it may take a while on a machine out of breath. */
const openingMs = 60_000

const [directory = '', ownerText = ''] = process.argv.slice(2)
const name = parseOwner(ownerText)
const owner = name && identityOf(name)

if (owner !== undefined) {
  const gone = new AbortController()
  void endWithDirectory(gone)
  await waitForExit(owner, { signal: gone.signal }).catch(() => undefined)
  for (const pause of isMarkedKept(directory) ? [] : pausesMs) {
    await delay(pause)
    const { outcome } = await cleanSession(directory, { deadlineMs: 30_000 })
    if (outcome !== 'incomplete' && outcome !== 'busy') break
  }
}
process.exit()

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
