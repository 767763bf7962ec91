import { existsSync } from 'node:fs'
import { runTool, ToolError } from './tool.ts'
import { UnmetNeedError } from './unmet-need-error.ts'
import { until } from './until.ts'

/** How long systemd may take to answer, and to forget a unit, in milliseconds. */
const patienceMs = 30_000

/** Whether systemd manages this host, by what sd_booted(3) looks at. */
export function isSystemdHost(): boolean {
  return existsSync('/run/systemd/system')
}

/**
 * Stops a unit and waits for its end; one that systemd does not know has ended already.
 *
 * @throws ToolError when it cannot be stopped
 */
export async function stopUnit(unit: string): Promise<void> {
  if ((await unitProperty(unit, 'LoadState')) === 'not-found') return
  await runTool(['systemctl', 'stop', '--', unit], { timeoutMs: patienceMs })
}

/**
 * What systemd says of a unit, as `systemctl show` prints it.
 *
 * @param property such as `MemoryMax`; of a unit that it does not know, `LoadState` is `not-found` and all else a default
 * @throws ToolError when systemd cannot be asked
 */
export async function unitProperty(unit: string, property: string): Promise<string> {
  const command = ['systemctl', 'show', '--value', `--property=${property}`, '--', unit]
  return await runTool(command, { timeoutMs: patienceMs })
}

let tried = 0

/**
 * Has systemd make a scope for a program, which asks for it over the bus as runtimes do.
 *
 * @throws UnmetNeedError when it cannot, or the program is elsewhere, or the scope stays
 */
export async function trySystemd(): Promise<void> {
  const scope = `runwright-probe-${process.pid}-${tried++}.scope`
  const manager = 'org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'
  const script = `busctl --system call ${manager} GetUnit s "$0" && cat /proc/self/cgroup`
  try {
    const said = await runTool(
      ['systemd-run', '--scope', '--collect', '--quiet', `--unit=${scope}`, 'sh', '-c', script, scope],
      { timeoutMs: patienceMs },
    )
    if (!said.split('\n').some((line) => line.endsWith(`/${scope}`)))
      throw new UnmetNeedError(`a program for which systemd has made ${scope} is not in it`)
    await until(async () => (await unitProperty(scope, 'LoadState')) === 'not-found', {
      timeoutMs: patienceMs,
      what: `systemd to forget ${scope}`,
    })
  } catch (cause) {
    if (!(cause instanceof ToolError)) throw cause
    throw new UnmetNeedError(`systemd makes no scope: ${cause.stderr.trim() || cause.message}`, { cause })
  }
}
