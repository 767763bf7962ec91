import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'
import { readProcessStat } from './process-stat.ts'
import { until } from './until.ts'

/** Starts a shell script that becomes an orphan of this process, which is a subreaper; it must run for a while. */
export async function startOrphan(script: string): Promise<ProcessIdentity> {
  const pid = Number(await firstLine(spawnShell('sh -c "$1" < /dev/null > /dev/null 2>&1 & echo $!', script)))
  await until(() => readProcessStat(pid)?.parent === process.pid, {
    timeoutMs: 5000,
    what: `${pid} to be an orphan`,
  })
  return identified(pid)
}

/** Starts a shell script that prints a pid first; gives that process and its starter. */
export async function startAndIdentify(
  script: string,
): Promise<{ starter: ChildProcess; identity: ProcessIdentity }> {
  const starter = spawnShell(script)
  return { starter, identity: identified(Number(await firstLine(starter))) }
}

const exitOfOneThread = process.arch === 'x64' ? 60 : 93
const endFirstThread = `require("koffi").load("libc.so.6").func("long syscall(long, long)")(${exitOfOneThread}, 0)`

/** A program that runs on although its first thread, which the process's state is shown by, is a zombie. */
export const scriptThatEndsItsFirstThread = `exec '${process.execPath}' -e '${endFirstThread}'`

export function identified(pid: number | undefined): ProcessIdentity {
  const identity = identifyProcess(pid ?? 0, { ended: true })
  if (identity === undefined) throw new Error(`there is no process ${pid}`)
  return identity
}

/** Waits until a process is a zombie. */
export async function untilZombie({ pid }: ProcessIdentity): Promise<void> {
  await until(() => readProcessStat(pid)?.state === 'Z', {
    timeoutMs: 5000,
    what: `process ${pid} to be a zombie`,
  })
}

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

function spawnShell(script: string, ...parameters: readonly string[]): ChildProcess {
  return spawn('sh', ['-c', script, 'sh', ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the child has no standard output')
  const [data] = await once(child.stdout, 'data')
  return String(data).trim()
}
