import { readFileSync } from 'node:fs'
import { identifyProcess, isProcessId, type ProcessIdentity } from '../host/index.ts'
import { hasCode } from './error-code.ts'

/**
 * Reads a pid file that a runtime wrote; blanks around the number do not matter.
 *
 * @returns the pid; `missing` when there is no file; what it holds, when that is no pid
 */
export function readPidFile(path: string): number | 'missing' | { readonly nonsense: string } {
  const text = textOf(path)
  if (text === undefined) return 'missing'
  const pid = /^\d+$/.test(text.trim()) ? Number(text.trim()) : 0
  return isProcessId(pid) ? pid : { nonsense: text.slice(0, 100) }
}

/** The process that a pid file names, zombies included: their exit status can still be collected. */
export function processIn(pidFile: string): ProcessIdentity | undefined {
  const pid = readPidFile(pidFile)
  return typeof pid === 'number' ? identifyProcess(pid, { ended: true }) : undefined
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
