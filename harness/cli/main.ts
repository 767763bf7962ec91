#!/usr/bin/env node
import { CommanderError } from 'commander'
import { failureExitCode, reportFailure } from './failure.ts'
import { programFor } from './program.ts'
import { startWorkerAhead } from './worker-ahead.ts'

/** How long the process may go on once the command has done what it was asked to, in milliseconds. */
const lingerMs = 5_000

// A reader that has seen enough, such as `head`, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const args = process.argv.slice(2)
try {
  startWorkerAhead(args)
  const program = await programFor(args)
  await program.parseAsync()
} catch (error) {
  // Commander has printed what it had to say; wrong usage is one of the ways of not doing one's job.
  const isHelp = error instanceof CommanderError && error.exitCode === 0
  if (!(error instanceof CommanderError)) reportFailure(error, process.stderr)
  process.exitCode = isHelp ? 0 : failureExitCode(args)
}
// Everything is done. What still keeps the process from ending, such as a test runner that hangs, must not for long.
setTimeout(() => process.exit(), lingerMs).unref()
