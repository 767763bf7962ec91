// The reaper: started with the directory of a session, it waits until the session's owner has ended and cleans what is
// left. It ends by itself when the session is closed in good order. It tells nobody anything: nobody listens.
import { watch } from 'node:fs'
import { waitForExit } from '../host/index.ts'
import { cleanSession } from './clean-session.ts'
import { identityOf } from './owner.ts'
import { readSessionRecord } from './session-record.ts'

/** Pauses between tries, in milliseconds, for what cannot be removed yet: a disk that is busy, a process in the kernel. */
const pausesMs = [0, 2000, 10_000, 60_000]

const [directory = ''] = process.argv.slice(2)
const closed = new AbortController()
const record = readSessionRecord(directory)
const owner = record && identityOf(record.owner)

if (owner !== undefined) {
  watchForEnd()
  await waitForExit(owner, { signal: closed.signal }).catch(() => undefined)
  for (const pause of pausesMs) {
    await new Promise((resolve) => setTimeout(resolve, pause))
    const { outcome } = await cleanSession(directory, { deadlineMs: 30_000 })
    if (outcome !== 'incomplete' && outcome !== 'busy') break
  }
}
process.exit()

/** The session is closed, or cleaned by others, when its directory is gone: renamed or removed. */
function watchForEnd(): void {
  try {
    watch(directory, (event) => {
      if (event === 'rename' && readSessionRecordOrNothing() === undefined) closed.abort()
    }).on('error', () => undefined)
  } catch {
    // No inotify watches left; whoever closes the session ends this process.
  }
}

function readSessionRecordOrNothing() {
  try {
    return readSessionRecord(directory)
  } catch {
    return undefined
  }
}
