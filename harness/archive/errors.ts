import { RunwrightError } from '../host/index.ts'

/** Base of everything that can go wrong with an archive; `archive` is its name or, without one, its path. */
export abstract class ArchiveError extends RunwrightError {
  readonly archive: string

  constructor(archive: string, message: string, options?: ErrorOptions) {
    super(`archive ${archive}: ${message}`, options)
    this.archive = archive
  }
}

/** A name that cannot be an archive's, or that no catalogue entry has. */
export class ArchiveNameError extends ArchiveError {
  override readonly code = 'ARCHIVE_NAME'
}

/** The catalogue file or an entry of it does not say how to get an archive. */
export class ArchiveCatalogueError extends ArchiveError {
  override readonly code = 'ARCHIVE_CATALOGUE'
}

/** The file behind an archive is missing, unreadable or not a regular file. */
export class ArchiveFileError extends ArchiveError {
  override readonly code = 'ARCHIVE_FILE'
}

/** The archive is cut off, damaged, or not a tar archive. */
export class ArchiveCorruptError extends ArchiveError {
  override readonly code = 'ARCHIVE_CORRUPT'
}

/** The file is not the one whose digest was taken. */
export class ArchiveChangedError extends ArchiveError {
  override readonly code = 'ARCHIVE_CHANGED'
}

/** An entry would land, or point a hard link, outside of the destination; or it is of a kind no rootfs has. */
export class ArchiveRefusedError extends ArchiveError {
  override readonly code = 'ARCHIVE_REFUSED'
  /** The entry's name, escaped for display. */
  readonly entry: string

  constructor(archive: string, entry: string, reason: string, options?: ErrorOptions) {
    super(archive, `entry ${entry} ${reason}; nothing of it was kept`, options)
    this.entry = entry
  }
}

/** The archive exceeds one of the limits; raise it if the archive is trusted. */
export class ArchiveLimitError extends ArchiveError {
  override readonly code = 'ARCHIVE_LIMIT'
  readonly entry: string
  /** The field of `ArchiveLimits` that was exceeded. */
  readonly limit: string

  constructor(archive: string, entry: string, limit: string, reason: string) {
    super(archive, `entry ${entry} ${reason} (limit ${limit}); nothing of it was kept`)
    this.entry = entry
    this.limit = limit
  }
}

/** A program that the archive needs (GNU tar, zstd …) is missing or is not the one needed. */
export class ArchiveToolError extends ArchiveError {
  override readonly code = 'ARCHIVE_TOOL'
}

/** GNU tar could not write the rootfs; the message ends with what it said. */
export class ArchiveUnpackError extends ArchiveError {
  override readonly code = 'ARCHIVE_UNPACK'
}

/** The destination exists already, or the directory that should hold it does not. */
export class ArchiveDestinationError extends ArchiveError {
  override readonly code = 'ARCHIVE_DESTINATION'
}

/** A rootfs of the store could not be copied; the message ends with what `cp` said. */
export class ArchiveCopyError extends ArchiveError {
  override readonly code = 'ARCHIVE_COPY'
}

/** The work was stopped by the caller's signal or by its time limit. */
export class ArchiveStoppedError extends ArchiveError {
  override readonly code = 'ARCHIVE_STOPPED'
}

/** An image layout or a saved image is incomplete, inconsistent or offers nothing for this machine. */
export class ArchiveImageError extends ArchiveError {
  override readonly code = 'ARCHIVE_IMAGE'
}

/** No static busybox was found on this host and none could be fetched. */
export class BusyboxNotFoundError extends ArchiveError {
  override readonly code = 'BUSYBOX_NOT_FOUND'
}

/** A rootfs of the store is in use as a mount point or otherwise cannot be removed safely. */
export class ArchiveInUseError extends ArchiveError {
  override readonly code = 'ARCHIVE_IN_USE'
}
