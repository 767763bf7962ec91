/** How much an archive may ask of this machine. Everything is counted while reading, before it is written. */
export interface ArchiveLimits {
  /** Entries in the archive. */
  readonly entries: number
  /** Bytes that the archive really holds, once decompressed: content and extended headers. */
  readonly contentBytes: number
  /** Bytes of all files as `ls` would show them: holes of sparse files count here and not in `contentBytes`. */
  readonly apparentBytes: number
  /** Bytes of all names and link targets together: what judging has to remember is a part of them. */
  readonly nameBytes: number
  /** Bytes of one name. The rest up to PATH_MAX (4096) is left for the directory it is unpacked to. */
  readonly pathBytes: number
  /** Bytes between two slashes: NAME_MAX of every file system in use. */
  readonly componentBytes: number
  /** Directories above an entry. */
  readonly depth: number
  /** Bytes of extended headers (long names, times, xattrs) of one entry. */
  readonly metadataBytes: number
}

const gibibyte = 1024 ** 3

/** Far above any rootfs in use, and low enough that a hostile archive costs seconds and megabytes, not the machine. */
export const defaultArchiveLimits: ArchiveLimits = {
  entries: 2_000_000,
  contentBytes: 64 * gibibyte,
  apparentBytes: 1024 * gibibyte,
  nameBytes: gibibyte / 4,
  pathBytes: 3072,
  componentBytes: 255,
  depth: 256,
  metadataBytes: 1024 ** 2,
}
