import { runTool, ToolError } from '../../host/index.ts'
import { printable } from '../entry-name.ts'
import { BusyboxNotFoundError } from '../errors.ts'

/** A path of a few plain names: what busybox says becomes entries of an archive. */
const appletPath = /^(?:[a-z]+\/){0,3}[A-Za-z0-9[][A-Za-z0-9._+[-]*$/

/**
 * Where a busybox wants its applets: paths relative to the root, sorted, each once.
 *
 * One that was built without the installer only knows names; they are put in `bin`.
 *
 * @throws BusyboxNotFoundError when it cannot be run or names none.
 */
export async function listApplets(archive: string, busybox: string): Promise<readonly string[]> {
  const full = await list(busybox, '--list-full').catch(() => [])
  const paths = full.some((path) => path.includes('/')) ? full : await listNames(archive, busybox)
  const applets = paths.filter((path) => path !== programPath && appletPath.test(path))
  if (!applets.some((path) => path.endsWith('/sh'))) {
    throw new BusyboxNotFoundError(
      archive,
      `${busybox} has no shell, so it is of no use in a rootfs: install another`,
    )
  }
  return [...new Set(applets)].toSorted()
}

/** The applets are hard links to this file. */
export const programPath = 'bin/busybox'

async function listNames(archive: string, busybox: string): Promise<string[]> {
  const names = await list(busybox, '--list').catch((cause: unknown) => {
    const reason = cause instanceof ToolError ? printable(cause.message) : String(cause)
    throw new BusyboxNotFoundError(archive, `${busybox} does not run: ${reason}`, { cause })
  })
  return names.map((name) => `bin/${name}`)
}

async function list(busybox: string, option: string): Promise<string[]> {
  return (await runTool([busybox, option], { timeoutMs: 10_000 })).split('\n').filter((line) => line !== '')
}
