import { join } from 'node:path'
import { homeDirectories, until } from '../host/index.ts'
import { cleanDeadSessions } from './clean-dead-sessions.ts'
import { defaultDeadlineMs } from './clean-session.ts'
import { runOwner } from './run-owner.ts'
import { Session, SessionClosedError } from './session.ts'
import { sharedSessionId } from './session-name.ts'
import { openSessionAt } from './session-opening.ts'

/** Tells the processes that a run starts which session they take part in: its directory. */
export const sessionVariable = 'RUNWRIGHT_SESSION'

let current: Promise<Session> | undefined

/**
 * The session this process takes part in: the one that RUNWRIGHT_SESSION names, while its owner lives; else that of
 * the run. All workers of a vitest run share one, which belongs to the run's main process; any other process has its
 * own. It is opened by whoever asks first, who also cleans what dead runs have left.
 *
 * @throws what `Session.open` and `Session.join` throw
 */
export function currentSession(): Promise<Session> {
  current = openAgainIfClosed(current)
  return current
}

async function openAgainIfClosed(known: Promise<Session> | undefined): Promise<Session> {
  const session = await known?.catch(() => undefined)
  return session?.isOpen === true ? session : await findOrOpen()
}

async function findOrOpen(): Promise<Session> {
  return (
    joinNamed() ??
    (await until(joinOrOpenShared, {
      timeoutMs: defaultDeadlineMs,
      what: 'the closed session of this run to go',
    }))
  )
}

function joinNamed(): Session | undefined {
  const directory = process.env[sessionVariable]
  return directory === undefined || directory === '' ? undefined : joinIfOpen(directory)
}

/** Undefined while the run's session is being closed. */
async function joinOrOpenShared(): Promise<Session | undefined> {
  const owner = runOwner()
  const { sessions, bundles } = homeDirectories()
  const id = sharedSessionId(owner)
  const opened = await openSessionAt({ id, owner, sessions, bundles })
  if (opened !== undefined) await cleanDeadSessions()
  return joinIfOpen(join(sessions, id))
}

function joinIfOpen(directory: string): Session | undefined {
  try {
    return Session.join(directory)
  } catch (error) {
    if (error instanceof SessionClosedError) return undefined
    throw error
  }
}
