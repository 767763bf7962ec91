/** What lies at a path, by the words of stat(1). */
export interface ObservedFile {
  readonly path: string
  readonly kind: 'character device' | 'block device' | 'fifo' | 'socket' | 'link' | 'directory' | 'file'
  /** Device numbers; 0 for what is no device. */
  readonly major: number
  readonly minor: number
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Where a symbolic link points. */
  readonly target: string | undefined
}

const kinds: readonly (readonly [start: string, kind: ObservedFile['kind']])[] = [
  ['character special', 'character device'],
  ['block special', 'block device'],
  ['fifo', 'fifo'],
  ['socket', 'socket'],
  ['symbolic link', 'link'],
  ['directory', 'directory'],
  ['regular', 'file'],
]

/** The format for `stat -c` whose lines `parseFiles` reads. */
export const fileFormat = '%n|%F|%t|%T|%a|%u|%g|%N'

/** Parses what `stat -c` printed with `fileFormat`, a file a line; a line that is cut short is left out. */
export function parseFiles(text: string): readonly ObservedFile[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [path = '', words = '', major, minor, mode, uid, gid, name = ''] = line.split('|')
    const kind = kinds.find(([start]) => words.startsWith(start))?.[1]
    if (kind === undefined || gid === undefined) return []
    return {
      path,
      kind,
      major: Number.parseInt(major ?? '', 16),
      minor: Number.parseInt(minor ?? '', 16),
      mode: Number.parseInt(mode ?? '', 8),
      uid: Number(uid),
      gid: Number(gid),
      target: / -> '(.*)'$/.exec(name)?.[1],
    }
  })
}
