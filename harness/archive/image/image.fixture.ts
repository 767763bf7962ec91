import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type CraftedEntry, craftTar } from '../tar/craft.fixture.ts'
import { hostPlatform, type Platform } from './platform.ts'

export interface LayoutLayer {
  /** The layer as a tar archive. */
  readonly plain: Buffer
  /** As it is stored; plain without it. */
  readonly stored?: Buffer
  readonly mediaType?: string
}

export interface LayoutImage {
  readonly layers: readonly LayoutLayer[]
  readonly platform?: Platform
  readonly reference?: string
  /** Whether the platform is told in the index. */
  readonly isPlatformListed?: boolean
}

export interface TestDescriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
  readonly annotations?: Readonly<Record<string, string>>
}

/** Files of an image by name, to be written to a directory or a tar archive. */
export type ImageContents = Record<string, Buffer>

export const digestOf = (content: Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

export function layer(entries: readonly CraftedEntry[]): LayoutLayer {
  return { plain: craftTar(entries) }
}

export function addBlob(contents: ImageContents, content: Buffer, mediaType: string): TestDescriptor {
  const digest = digestOf(content)
  contents[`blobs/${digest.replace(':', '/')}`] = content
  return { mediaType, digest, size: content.length }
}

export function addJson(contents: ImageContents, value: unknown, mediaType: string): TestDescriptor {
  return addBlob(contents, Buffer.from(JSON.stringify(value)), mediaType)
}

/** Adds manifest, configuration and layers of an image. */
export function addImage(contents: ImageContents, image: LayoutImage): TestDescriptor {
  const platform = image.platform ?? hostPlatform()
  const config = addJson(
    contents,
    { ...platform, rootfs: { type: 'layers', diff_ids: image.layers.map(({ plain }) => digestOf(plain)) } },
    'application/vnd.oci.image.config.v1+json',
  )
  const layers = image.layers.map(
    ({ plain, stored = plain, mediaType = 'application/vnd.oci.image.layer.v1.tar' }) =>
      addBlob(contents, stored, mediaType),
  )
  const manifest = addJson(
    contents,
    { schemaVersion: 2, config, layers },
    'application/vnd.oci.image.manifest.v1+json',
  )
  return {
    ...manifest,
    ...(image.isPlatformListed === true ? { platform } : {}),
    ...(image.reference === undefined
      ? {}
      : { annotations: { 'org.opencontainers.image.ref.name': image.reference } }),
  }
}

/** An OCI image layout of the given images. */
export function layoutOf(images: readonly LayoutImage[]): ImageContents {
  const contents: ImageContents = {}
  const manifests = images.map((image) => addImage(contents, image))
  return withIndex(contents, manifests)
}

export function withIndex(contents: ImageContents, manifests: readonly TestDescriptor[]): ImageContents {
  return {
    ...contents,
    'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
    'index.json': Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
  }
}

/** What `docker save` wrote before version 25. */
export function savedOf(
  images: readonly { readonly tag: string; readonly layers: readonly Buffer[] }[],
): ImageContents {
  const contents: ImageContents = {}
  const manifest = images.map(({ tag, layers }, number) => {
    const config = Buffer.from(
      JSON.stringify({ ...hostPlatform(), rootfs: { diff_ids: layers.map(digestOf) } }),
    )
    const name = `${digestOf(config).slice(7)}.json`
    contents[name] = config
    const names = layers.map((content, position) => {
      contents[`image${number}-${position}/layer.tar`] = content
      return `image${number}-${position}/layer.tar`
    })
    return { Config: name, RepoTags: [tag], Layers: names }
  })
  return { ...contents, 'manifest.json': Buffer.from(JSON.stringify(manifest)) }
}

export async function writeImage(directory: string, contents: ImageContents): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), content)
  }
}

export function tarOfImage(contents: ImageContents): Buffer {
  return craftTar(Object.entries(contents).map(([name, content]) => ({ name, content })))
}
