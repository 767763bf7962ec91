/** An archive of a root file system as a file on this machine. */
export interface Archive {
  /** Its name in the catalogue. */
  readonly name: string
  /** Absolute path of the tar file, compressed or not. */
  readonly path: string
  /** `sha256:<hex>` of that file. */
  readonly digest: string
}

/** Gets archives by name, as `ArchiveCatalogue` does. */
export interface ArchiveResolver {
  resolve(name: string): Promise<Archive>
}
