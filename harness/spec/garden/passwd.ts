import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { isWithin } from './absolute-path.ts'
import type { GardenUserIds } from './container.ts'
import { GardenUserError } from './errors.ts'

/**
 * The ids of a user by name, from the container's own /etc/passwd (passwd(5)).
 *
 * @param rootfs Absolute path of the container's root file system.
 * @throws {GardenUserError} when there is no such user, or the file is a link that leads out of the root file system.
 */
export function lookUpUser(rootfs: string, name: string): GardenUserIds {
  const user = findUser(readPasswd(rootfs, name), name)
  if (user === undefined) throw new GardenUserError(notFound(name))
  return user
}

function notFound(name: string): string {
  return `user '${name}' not found: no matching entries in /etc/passwd`
}

/** A container is free to make /etc/passwd a link to a file of the host, which is none of its business. */
function readPasswd(rootfs: string, name: string): string {
  const path = resolve(join(rootfs, 'etc/passwd'), name)
  if (!isWithin(path, resolve(rootfs, name))) {
    throw new GardenUserError(
      `user '${name}' not looked up: /etc/passwd of ${rootfs} leads out of it, to ${path}`,
    )
  }
  return readFileSync(path, 'utf8')
}

function resolve(path: string, name: string): string {
  try {
    return realpathSync(path)
  } catch (cause) {
    throw new GardenUserError(`${notFound(name)} (${path} cannot be read)`, { cause })
  }
}

function findUser(passwd: string, wanted: string): GardenUserIds | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid = '', gid = ''] = line.split(':')
    if (name === wanted && /^\d+$/.test(uid) && /^\d+$/.test(gid))
      return { uid: Number(uid), gid: Number(gid) }
  }
  return undefined
}
