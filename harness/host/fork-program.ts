import { type ChildProcess, fork } from 'node:child_process'
import { programPath } from './directories.ts'

/**
 * Starts a program of ours as a child that talks with this process. What it prints goes to standard error, as standard
 * output is for results; it reads nothing.
 *
 * @param relative see `programPath`
 * @throws IncompletePackageError; what else keeps it from being started is told by its event `error`
 */
export function forkProgram(relative: string): ChildProcess {
  return fork(programPath(relative), {
    // What is told holds what JSON does not.
    serialization: 'advanced',
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  })
}
