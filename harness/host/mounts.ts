import { readFileSync } from 'node:fs'

/** One mount of a mount namespace: a line of /proc/PID/mountinfo, proc_pid_mountinfo(5). */
export interface MountEntry {
  readonly id: number
  readonly parentId: number
  /** Device number of the files on it, as `major:minor`. */
  readonly device: string
  /** The directory of the file system that is mounted. */
  readonly root: string
  /** Where it is mounted, seen from the process's root directory. */
  readonly mountPoint: string
  /** Options of this mount: `rw`, `nosuid`, … */
  readonly options: readonly string[]
  /** Propagation: `shared:N`, `master:N`, `propagate_from:N`, `unbindable`; none for a private mount. */
  readonly propagation: readonly string[]
  /** Type of the file system: `tmpfs`, … */
  readonly type: string
  readonly source: string
  /** Options of the file system, which all its mounts share. */
  readonly superOptions: readonly string[]
}

/**
 * Reads the mounts that a process sees, in the kernel's order.
 *
 * @param pid the process; this one unless told.
 * @throws the error of node:fs when there is no such process or it may not be looked at.
 */
export function readMounts(pid: number | 'self' = 'self'): readonly MountEntry[] {
  const text = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
  if (text !== lastText) {
    lastMounts = parseMountInfo(text)
    lastText = text
  }
  return lastMounts
}

/** What was read last: it is looked at before and after every test, and seldom differs. */
let lastText = ''
let lastMounts: readonly MountEntry[] = []

/** Parses the text of a mountinfo file. */
export function parseMountInfo(text: string): MountEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine)
}

function parseLine(line: string): MountEntry {
  const fields = line.split(' ')
  const separator = fields.indexOf('-', 6) // after a variable number of optional fields
  const [id, parentId, device = '', root = '', mountPoint = '', options = ''] = fields
  const [type = '', source = '', superOptions = ''] = fields.slice(separator + 1)
  return {
    id: Number(id),
    parentId: Number(parentId),
    device,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    options: options.split(','),
    propagation: fields.slice(6, separator),
    type,
    source: unescapeOctal(source),
    superOptions: superOptions.split(',').map(unescapeOctal),
  }
}

/** The kernel writes space, tab, newline, backslash and `#` as a backslash and three octal digits. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  )
}
