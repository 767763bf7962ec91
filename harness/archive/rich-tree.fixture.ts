import { execFile } from 'node:child_process'
import {
  chmod,
  chown,
  lchown,
  link,
  lutimes,
  mkdir,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { setAttribute } from './tree.fixture.ts'

const run = promisify(execFile)

/** A file capability as the kernel stores it: version 2, effective, cap_net_bind_service and cap_net_raw. */
export const fileCapability = Buffer.from('0100000200240000000000000000000000000000', 'hex')

/** Makes, as root, a directory with everything that a rootfs can hold and that copying tends to lose. */
export async function makeRichTree(root: string): Promise<void> {
  const at = (name: string): string => join(root, name)
  for (const [name, mode] of [
    ['', 0o755],
    ['empty', 0o755],
    ['tmp', 0o1777],
    ['shared', 0o2775],
    ['closed', 0o000],
    ['read only', 0o555],
    ['deep/er/and/deeper', 0o750],
  ] as const) {
    await mkdir(at(name), { recursive: true })
    await chmod(at(name), mode)
  }
  await makeFiles(at)
  await makeLinks(at)
  await makeSpecialFiles(at)
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from('not-utf8-\xff\xfe', 'latin1')]), 'x')
  await writeFile(at('read only/inside'), 'inside')
  await lchown(at('absolute'), 12, 34)
  await lutimes(at('absolute'), 1_111_111_111.25, 1_111_111_111.25)
  for (const name of ['shared', 'deep/er', 'tmp', 'read only', ''])
    await utimes(at(name), 1_234_567_890.5, 1_234_567_890.5)
}

async function makeFiles(at: (name: string) => string): Promise<void> {
  const files: readonly (readonly [name: string, mode: number, uid: number, gid: number])[] = [
    ['open-to-all', 0o777, 0, 0],
    ['writable', 0o666, 0, 0],
    ['setuid-root', 0o4755, 0, 0],
    ['setuid-user', 0o4755, 1000, 1000],
    ['setgid-group', 0o2755, 0, 42],
    ['all-bits', 0o7777, 65_534, 65_534],
    ['nothing', 0o000, 0, 0],
    ['high-ids', 0o640, 3_000_000_000, 2_999_999_999],
    [' leading and trailing ', 0o644, 1, 2],
    ['new\nline', 0o644, 0, 0],
    ['back\\slash"quote', 0o644, 0, 0],
    ['grün-日本', 0o644, 0, 0],
    [`long-${'x'.repeat(240)}`, 0o644, 0, 0],
    ['-rf', 0o644, 0, 0],
    ['deep/er/and/deeper/file', 0o600, 7, 8],
    ['capable', 0o755, 0, 0],
  ]
  for (const [name, mode, uid, gid] of files) {
    await writeFile(at(name), `content of ${name}`)
    await chown(at(name), uid, gid)
    await chmod(at(name), mode)
    await utimes(at(name), 1_500_000_000.123_456, 1_500_000_000.123_456)
  }
  await writeFile(at('sparse'), 'start')
  await truncate(at('sparse'), 50 * 1024 ** 2)
  setAttribute(at('capable'), 'security.capability', fileCapability)
  setAttribute(at('capable'), 'user.binary', Buffer.from('00ff0a3d80', 'hex'))
  setAttribute(at('tmp'), 'trusted.note', Buffer.from('on a directory'))
}

async function makeLinks(at: (name: string) => string): Promise<void> {
  await symlink('/bin/busybox', at('absolute'))
  await symlink('/', at('to-root'))
  await symlink('deep/er', at('relative'))
  await symlink('../../../climbs', at('deep/climbing'))
  await symlink('absolute', at('to-link'))
  await symlink('missing', at('dangling'))
  await link(at('setuid-user'), at('deep/same-file'))
  await link(at('absolute'), at('same-link'))
}

async function makeSpecialFiles(at: (name: string) => string): Promise<void> {
  await run('mkfifo', ['-m', '0620', at('fifo')])
  await run('mknod', ['-m', '0666', at('null'), 'c', '1', '3'])
  await run('mknod', ['-m', '0660', at('disk'), 'b', '259', '70000'])
  await chown(at('disk'), 0, 6)
}
