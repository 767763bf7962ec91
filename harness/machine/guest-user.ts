import { findProgram, runTool, ToolError } from '../host/index.ts'
import { NoVirtualMachineError } from './errors.ts'

/** Who runs the command of a guest, as the host knows them. */
export interface GuestUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Absolute path of the home directory. */
  readonly home: string
}

/**
 * Looks a user up (getent(1)).
 *
 * @param name or user id
 * @throws NoVirtualMachineError when there is none
 */
export async function findUser(name: string): Promise<GuestUser> {
  const found = await runTool(['getent', 'passwd', '--', name]).catch((error: unknown) => {
    if (error instanceof ToolError) return undefined
    throw error
  })
  const [login = '', , uid, gid, , home = '/'] = found?.trim().split(':') ?? []
  if (login === '') throw new NoVirtualMachineError(`this host knows no user '${name}' to run as in a guest`)
  return { name: login, uid: Number(uid), gid: Number(gid), home }
}

/** What a login gives a user to write to. */
function runtimeDirectoryOf({ uid }: GuestUser): string {
  return `/run/user/${uid}`
}

/**
 * Does what a login does: a directory for the user's runtime files and, on cgroup v2, a cgroup whose controllers are the
 * user's to distribute (cgroups(7), "Cgroup delegation"). The script itself moves into a cgroup without children.
 *
 * @param owned directories that are to be the user's
 */
export function loginScript(user: GuestUser, busybox: string, owned: readonly string[]): string {
  const owner = `${user.uid}:${user.gid}`
  return `for directory in ${[runtimeDirectoryOf(user), ...owned].join(' ')}; do
  ${busybox} mkdir -p "$directory" && ${busybox} chown -hR ${owner} "$directory" && ${busybox} chmod 700 "$directory"
done
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  own=/sys/fs/cgroup$(${busybox} sed 's/^0:://' /proc/self/cgroup)
  own=\${own%/}
  delegated=$own/user-${user.uid}
  ${busybox} mkdir -p "$own/host" "$delegated/command"
  echo $$ >"$own/host/cgroup.procs"
  for group in "$own" "$delegated"; do
    for controller in $(${busybox} cat "$group/cgroup.controllers"); do
      echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null
    done
  done
  for group in "$delegated" "$delegated/command"; do
    ${busybox} chown ${owner} "$group"
    for file in $(${busybox} cat /sys/kernel/cgroup/delegate); do
      [ -e "$group/$file" ] && ${busybox} chown ${owner} "$group/$file"
    done
  done
  joined=$delegated/command/cgroup.procs
fi`
}

/**
 * Words of a shell in front of a command that make it the user's, in the cgroup that `loginScript` made.
 *
 * @throws NoVirtualMachineError without setpriv(1)
 */
export function becoming({ uid, gid }: GuestUser, busybox: string): string {
  const setpriv = findProgram('setpriv')
  if (setpriv === undefined)
    throw new NoVirtualMachineError('a guest takes setpriv to become a user: install util-linux')
  const join = `'[ -z "$0" ] || echo $$ >"$0"; exec "$@"'`
  return `${busybox} sh -c ${join} "$joined" ${setpriv} --reuid ${uid} --regid ${gid} --init-groups`
}

/** What a login tells a user's programs. */
export function environmentOfLogin(user: GuestUser): Readonly<Record<string, string>> {
  return {
    HOME: user.home,
    USER: user.name,
    LOGNAME: user.name,
    XDG_RUNTIME_DIR: runtimeDirectoryOf(user),
  }
}
