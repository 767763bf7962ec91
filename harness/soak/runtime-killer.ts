import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOfThisProcess } from '../guard/index.ts'
import { identifyProcess, signalProcess } from '../host/index.ts'

/**
 * Kills, by SIGKILL, the commands under way that name a container.
 *
 * @param id the container's
 * @param afterMs how long to wait before, in milliseconds
 * @param ended fires when the command has ended by itself
 * @returns whether there was anything left to kill
 */
export async function killRuntime(id: string, afterMs: number, ended: AbortSignal): Promise<boolean> {
  await delay(afterMs, undefined, { signal: ended }).catch(() => undefined)
  if (ended.aborted) return false
  const commands = childrenOfThisProcess().flatMap((pid) =>
    names(pid, id) ? (identifyProcess(pid) ?? []) : [],
  )
  return commands.map((command) => signalProcess(command, 'SIGKILL')).includes('sent')
}

function names(pid: number, id: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(id)
  } catch {
    return false // ended meanwhile
  }
}
