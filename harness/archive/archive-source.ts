import { check, type InferOutput, literal, optional, pipe, strictObject, string, variant } from 'valibot'
import { parsePlatform } from './image/platform.ts'

const platform = pipe(
  string(),
  check(
    (text) => parsePlatform(text) !== undefined,
    'a platform is os/architecture or os/architecture/variant',
  ),
)

/**
 * How to get an archive:
 * - `file`: a tar archive (gzip, zstd, xz, bzip2 or plain) of a root file system
 * - `busybox`: built from a static busybox of this host or, without one, of its distribution
 * - `oci-layout`: an OCI image layout, a directory or a tar archive of one; `reference` where it holds several images
 * - `docker-save`: what `docker save` or `podman save` wrote; `tag` where it holds several images
 *
 * Paths are relative to the catalogue's directory.
 */
export const archiveSourceSchema = variant('kind', [
  strictObject({ kind: literal('file'), path: string() }),
  strictObject({ kind: literal('busybox') }),
  strictObject({
    kind: literal('oci-layout'),
    path: string(),
    reference: optional(string()),
    platform: optional(platform),
  }),
  strictObject({ kind: literal('docker-save'), path: string(), tag: optional(string()) }),
])

/** See `archiveSourceSchema`. */
export type ArchiveSource = Readonly<InferOutput<typeof archiveSourceSchema>>
