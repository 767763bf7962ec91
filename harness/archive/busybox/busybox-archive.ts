import { padded } from '../tar/entry.ts'
import { encodeEntry, endOfArchive } from '../tar/writer.ts'
import { programPath } from './applets.ts'

/** Raised whenever the same busybox would give other bytes. */
export const recipeVersion = 1

/** 2020-01-01: any fixed time after 1970, which some programs take for "not set". */
const mtime = 1_577_836_800

/** What programs expect to find whether or not a test uses it; `dev`, `proc` and `sys` are mount points. */
const directories: Readonly<Record<string, number>> = {
  '.': 0o755,
  dev: 0o755,
  etc: 0o755,
  home: 0o755,
  mnt: 0o755,
  opt: 0o755,
  proc: 0o555,
  root: 0o700,
  run: 0o755,
  srv: 0o755,
  sys: 0o555,
  tmp: 0o1777,
  'usr/local/bin': 0o755,
  'usr/local/sbin': 0o755,
  'usr/share': 0o755,
  'var/log': 0o755,
  'var/tmp': 0o1777,
}

const files: Readonly<Record<string, string>> = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
    'user:x:1000:1000:user:/home:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    '',
  ].join('\n'),
  'etc/group': ['root:x:0:', 'daemon:x:1:', 'tty:x:5:', 'user:x:1000:', 'nogroup:x:65534:', ''].join('\n'),
  'etc/hosts': ['127.0.0.1\tlocalhost', '::1\tlocalhost', ''].join('\n'),
  'etc/hostname': 'busybox\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/profile': 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n',
  'etc/resolv.conf': '',
}

/**
 * A root file system of one static busybox: the usual directories and files in `etc`, and every applet a hard link to
 * the program. The same program and applets always give the same bytes, on any host.
 *
 * @param applets paths relative to the root
 */
export function buildBusyboxArchive(program: Buffer, applets: readonly string[]): Buffer {
  const contents = {
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  }
  return Buffer.concat([
    ...allDirectories(applets).map((name) => {
      return encodeEntry({ kind: 'directory', name: `${name}/`, mode: directories[name] ?? 0o755, mtime })
    }),
    ...Object.entries(contents).flatMap(([name, content]) => encodeFile(name, content, 0o644)),
    ...encodeFile(programPath, program, 0o755),
    ...applets.map((name) =>
      encodeEntry({ kind: 'hard-link', name, linkName: programPath, mode: 0o755, mtime }),
    ),
    endOfArchive,
  ])
}

function encodeFile(name: string, content: Buffer, mode: number): Buffer[] {
  const header = encodeEntry({ kind: 'file', name, mode, mtime, size: content.length })
  return [header, Buffer.concat([content], padded(content.length))]
}

/** Every directory that is listed or that something lies in, parents first. */
function allDirectories(applets: readonly string[]): string[] {
  const names = [
    ...Object.keys(directories),
    ...[...Object.keys(files), ...applets, programPath].flatMap(parents),
  ]
  return [...new Set([...names, ...names.flatMap(parents)])].toSorted()
}

function parents(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, position) => parts.slice(0, position + 1).join('/'))
}
