// Somebody who is not root, to run the command as: whoever runs these tests, or nobody where that is root.
import { chownSync, readdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { main } from './run-place.fixture.ts'

const isRoot = process.geteuid?.() === 0

/** The user's name. */
export const ordinaryUser = isRoot ? 'nobody' : userInfo().username

/** Words in front of a command that make it theirs. */
export const asOrdinaryUser: readonly string[] = isRoot
  ? ['setpriv', '--reuid', ordinaryUser, '--regid', await groupOf(ordinaryUser), '--clear-groups', '--']
  : ['env']

async function groupOf(user: string): Promise<string> {
  return (await execa('id', ['-g', user])).stdout
}

/** Gives them a directory with all that is in it. */
export async function giveToOrdinaryUser(directory: string): Promise<void> {
  if (!isRoot) return
  const [uid, gid] = [await execa('id', ['-u', ordinaryUser]), await groupOf(ordinaryUser)]
  for (const name of ['', ...readdirSync(directory)])
    chownSync(join(directory, name), Number(uid.stdout), Number(gid))
}

/** Why they could not make containers with this package; undefined where they can. */
export async function obstacleOfOrdinaryUser(): Promise<string | undefined> {
  const [setpriv = 'env', ...words] = asOrdinaryUser
  const reads = await execa(setpriv, [...words, 'test', '-r', main], { reject: false })
  if (reads.exitCode !== 0) return `${ordinaryUser} cannot read ${main}`
  const makes = await execa(setpriv, [...words, 'unshare', '--user', '--map-root-user', 'true'], {
    reject: false,
  })
  return makes.exitCode === 0 ? undefined : `${ordinaryUser} cannot make a user namespace: ${makes.stderr}`
}
