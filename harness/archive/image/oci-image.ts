import { displayName } from '../entry-name.ts'
import { ArchiveImageError } from '../errors.ts'
import { configSchema, type Descriptor, indexOrManifestSchema, indexSchema } from './documents.ts'
import type { Image, Layer } from './image.ts'
import type { ImageFiles } from './image-files.ts'
import { hostPlatform, isFor, type Platform, platformName } from './platform.ts'

export interface OciImageChoice {
  /** Name of the image where the layout holds several: its `org.opencontainers.image.ref.name`, or the end of it. */
  readonly reference?: string | undefined
  /** This machine's without it. */
  readonly platform?: Platform | undefined
}

/** Annotations that name an image in a layout: the specification's and containerd's. */
const nameAnnotations = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'] as const

/** Deeper than any builder nests indexes. */
const deepest = 5

const layerType =
  /^application\/vnd\.(?:oci\.image\.layer\.(?:nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(?:foreign\.)?diff\.tar)(?:[+.](?:gzip|zstd))?$/

/**
 * Finds the layers of an image in an OCI image layout (image-spec, image-layout.md).
 *
 * @throws ArchiveImageError when there is no such image, or none for the platform, or something of it is missing.
 */
export async function readOciImage(
  archive: string,
  files: ImageFiles,
  choice: OciImageChoice,
): Promise<Image> {
  const { manifests } = await files.readDocument('index.json', indexSchema)
  const named = chooseByName(archive, manifests, choice.reference)
  const platform = choice.platform ?? hostPlatform()
  const { config, layers } = await readManifest(archive, files, named, platform, deepest)
  const built = await files.readBlob(config, configSchema)
  if (!isFor(built, platform)) throw otherPlatform(archive, [platformName(built)], platform)
  const diffIds = built.rootfs.diff_ids
  if (diffIds.length !== layers.length) {
    throw new ArchiveImageError(
      archive,
      `its manifest has ${layers.length} layers, its configuration ${diffIds.length}`,
    )
  }
  const found = layers.map(
    async (layer, position) => await locateLayer(archive, files, layer, diffIds[position] ?? ''),
  )
  return { layers: await Promise.all(found) }
}

function chooseByName(
  archive: string,
  manifests: readonly Descriptor[],
  reference: string | undefined,
): readonly Descriptor[] {
  if (reference !== undefined) {
    const named = manifests.filter((descriptor) =>
      namesOf(descriptor).some((name) => isNamed(name, reference)),
    )
    if (named.length > 0) return named
    throw new ArchiveImageError(
      archive,
      `the layout has no image ${displayName(reference)}, ${offer(manifests)}`,
    )
  }
  const names = new Set(manifests.map((descriptor) => namesOf(descriptor)[0] ?? ''))
  if (names.size <= 1) return manifests
  throw new ArchiveImageError(archive, `the layout has several images: give a reference, ${offer(manifests)}`)
}

function namesOf({ annotations = {} }: Descriptor): string[] {
  return nameAnnotations.map((key) => annotations[key]).filter((name) => name !== undefined)
}

function isNamed(name: string, reference: string): boolean {
  return name === reference || name.endsWith(`:${reference}`) || name.endsWith(`/${reference}`)
}

function offer(manifests: readonly Descriptor[]): string {
  const names = manifests.flatMap(namesOf).map(displayName)
  return `it has ${names.length === 0 ? 'none with a name' : [...new Set(names)].join(', ')}`
}

interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

async function readManifest(
  archive: string,
  files: ImageFiles,
  candidates: readonly Descriptor[],
  platform: Platform,
  depth: number,
): Promise<Manifest> {
  // The first that fits is the one to take (image-index.md). One that does not say may be for any.
  const fitting = candidates.find((one) => one.platform === undefined || isFor(one.platform, platform))
  if (fitting === undefined) {
    const offered = candidates.flatMap((one) =>
      one.platform === undefined ? [] : [platformName(one.platform)],
    )
    throw otherPlatform(archive, offered, platform)
  }
  const document = await files.readBlob(fitting, indexOrManifestSchema)
  if ('layers' in document) return document
  if (depth === 0) throw new ArchiveImageError(archive, 'its indexes are nested too deeply')
  return await readManifest(archive, files, document.manifests, platform, depth - 1)
}

function otherPlatform(archive: string, offered: readonly string[], wanted: Platform): ArchiveImageError {
  const list = offered.length === 0 ? 'nothing' : offered.map(displayName).join(', ')
  return new ArchiveImageError(
    archive,
    `the image is for ${list} and not for ${platformName(wanted)}: choose a platform`,
  )
}

async function locateLayer(
  archive: string,
  files: ImageFiles,
  layer: Descriptor,
  diffId: string,
): Promise<Layer> {
  if (!layerType.test(layer.mediaType)) {
    throw new ArchiveImageError(archive, `layers of type ${displayName(layer.mediaType)} are not supported`)
  }
  return { source: await files.locateBlob(layer), digest: layer.digest, diffId }
}
