import { displayName } from '../entry-name.ts'
import { ArchiveImageError } from '../errors.ts'
import { configSchema, savedManifestSchema } from './documents.ts'
import type { Image } from './image.ts'
import type { ImageFiles } from './image-files.ts'
import { hostPlatform, isFor, platformName } from './platform.ts'

type SavedImage = {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
}

/**
 * Finds the layers of an image in what `docker save` (or `podman save`) wrote.
 *
 * @param tag `repository:tag`, or its end, where several images were saved together
 * @throws ArchiveImageError when there is no such image, it is for another platform or something of it is missing.
 */
export async function readDockerImage(
  archive: string,
  files: ImageFiles,
  tag: string | undefined,
): Promise<Image> {
  const { Config, Layers } = choose(
    archive,
    await files.readDocument('manifest.json', savedManifestSchema),
    tag,
  )
  const config = await files.readDocument(Config, configSchema, digestIn(Config))
  if (!isFor(config, hostPlatform())) {
    const built = displayName(platformName(config))
    throw new ArchiveImageError(
      archive,
      `the image is for ${built}, this machine is ${platformName(hostPlatform())}`,
    )
  }
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== Layers.length) {
    throw new ArchiveImageError(
      archive,
      `its manifest has ${Layers.length} layers, its configuration ${diffIds.length}`,
    )
  }
  const layers = Layers.map(async (name, position) => {
    return { source: await files.locate(name), digest: undefined, diffId: diffIds[position] ?? '' }
  })
  return { layers: await Promise.all(layers) }
}

function choose(archive: string, images: readonly SavedImage[], tag: string | undefined): SavedImage {
  const fitting =
    tag === undefined ? images : images.filter(({ RepoTags }) => RepoTags.some((name) => isTagged(name, tag)))
  const [first] = fitting
  if (first !== undefined && fitting.length === 1) return first
  const names = images.flatMap(({ RepoTags }) => RepoTags.map(displayName)).join(', ')
  const problem =
    tag === undefined ? 'give the tag of one' : `${fitting.length} of them are ${displayName(tag)}`
  throw new ArchiveImageError(archive, `it holds ${images.length} images (${names}): ${problem}`)
}

function isTagged(name: string, tag: string): boolean {
  return name === tag || name.endsWith(`/${tag}`) || name.endsWith(`:${tag}`)
}

/** The file of a configuration is named by its digest: `<hex>.json`, since Docker 25 `blobs/sha256/<hex>`. */
function digestIn(name: string): string | undefined {
  const hex = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1]
  return hex === undefined ? undefined : `sha256:${hex}`
}
