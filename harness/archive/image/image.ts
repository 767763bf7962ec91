import type { ByteSource } from '../plain-bytes.ts'

/** One layer of an image, and what it must turn out to be. */
export interface Layer {
  readonly source: ByteSource
  /** Digest of the bytes as they are stored; undefined where the image does not tell. */
  readonly digest: string | undefined
  /** Digest of the tar archive that they decompress to. */
  readonly diffId: string
}

/** What the layers, applied in order, give is the root file system. */
export interface Image {
  readonly layers: readonly Layer[]
}
