import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess, type ProcessIdentity } from '../host/index.ts'
import { hasCode } from './error-code.ts'

/**
 * The init of a container, as the harness found it right after the container was created. Whoever loads the container
 * later, in another process too, knows by it whether the pid that the runtime reports still means the same process.
 */
export function recordInit(directory: string, { pid, startTime }: ProcessIdentity): void {
  writeFileSync(fileIn(directory), `${pid} ${startTime}\n`, { mode: 0o600 })
}

/** The recorded init; undefined when none was recorded. */
export function recordedInit(directory: string): ProcessIdentity | undefined {
  const [, pid, startTime] = /^(\d+) (\d+)\n$/.exec(contentOf(fileIn(directory))) ?? []
  if (pid === undefined || startTime === undefined) return undefined
  return { pid: Number(pid), startTime: BigInt(startTime) }
}

/**
 * The init of a container that is loaded.
 *
 * @param reportedPid what the runtime says its pid is; 0 or undefined when stopped
 */
export function loadedInit(directory: string, reportedPid: number | undefined): ProcessIdentity | undefined {
  const recorded = recordedInit(directory)
  if (reportedPid === undefined || reportedPid <= 0) return recorded
  return recorded?.pid === reportedPid ? recorded : identifyProcess(reportedPid)
}

function fileIn(directory: string): string {
  return join(directory, 'init')
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  }
}
