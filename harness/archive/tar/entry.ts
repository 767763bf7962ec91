/** What an entry becomes on disk. */
export type EntryKind =
  | 'file'
  | 'hard-link'
  | 'symbolic-link'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo'

/**
 * One entry of a tar archive. Names hold one character per byte (latin1): file names are bytes, and decoding them as
 * UTF-8 would make different names equal.
 */
export interface TarEntry {
  readonly kind: EntryKind
  /** As the archive has it: may begin with `./` or `/`, or end with a slash. */
  readonly name: string
  /** Target of a symbolic link, or the name of the entry that a hard link shares its file with; else ''. */
  readonly linkName: string
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Size of the file on disk in bytes; for a sparse one with its holes. */
  readonly size: number
  /** Full names of its extended attributes, as in `security.capability`. */
  readonly xattrs: readonly string[]
  /** Whether it carries a POSIX access control list. */
  readonly hasAccessList: boolean
  /** Bytes from the start of the (decompressed) archive to the first header block of this entry. */
  readonly offset: number
  /** Bytes of all its header blocks, extended headers included. */
  readonly headerBytes: number
  /** Bytes of those that stand before the entry's own header block. */
  readonly extendedBytes: number
  /** Bytes of its content in the archive, without padding. */
  readonly contentBytes: number
}

/** Size of everything in a tar archive is a multiple of this. */
export const blockBytes = 512

/** A length, rounded up to whole blocks. */
export function padded(length: number): number {
  return Math.ceil(length / blockBytes) * blockBytes
}
