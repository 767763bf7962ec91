import { spawn } from 'node:child_process'
import { programPath, RunwrightError } from '../host/index.ts'
import { type Owner, ownerOf } from './owner.ts'

/** The process that cleans up behind a killed run could not be started, so the session was not opened. */
export class ReaperNotStartedError extends RunwrightError {
  override readonly code = 'REAPER_NOT_STARTED'
}

/** Variables that make Node do something on the side: listen for a debugger, write coverage. Not in a reaper. */
const unwanted: readonly string[] = ['NODE_OPTIONS', 'NODE_V8_COVERAGE', 'NODE_CHANNEL_FD', 'NODE_UNIQUE_ID']

/**
 * Starts the reaper of a session that is about to be opened: a small process that waits for the owner's end and then
 * cleans the session. It leads a session of its own (setsid(2)), so that what ends the run, a Ctrl-C or a SIGKILL to
 * its process group, does not end it too; it has no standard streams and stands in the root directory, so that it keeps
 * nothing from anybody.
 *
 * @param directory of the session; it need not exist yet
 * @returns the reaper's name, for the session's record
 * @throws ReaperNotStartedError
 */
export function startReaper(directory: string, owner: Owner): Owner {
  const program = programPath('harness/guard/reaper-program.js')
  const environment = Object.entries(process.env).filter(([name]) => !unwanted.includes(name))
  const reaper = spawn(
    process.execPath,
    ['--max-semi-space-size=1', program, directory, JSON.stringify(owner)],
    {
      cwd: '/',
      env: Object.fromEntries(environment),
      stdio: 'ignore',
      detached: true,
    },
  )
  reaper.once('error', () => undefined) // told below
  reaper.unref()
  const name = reaper.pid === undefined ? undefined : ownerOf(reaper.pid)
  if (name !== undefined) return name
  throw new ReaperNotStartedError(
    `${process.execPath} could not be started as the reaper of session ${directory}: are there processes and memory left?`,
  )
}
