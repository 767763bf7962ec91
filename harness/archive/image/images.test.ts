import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defaultArchiveLimits } from '../limits.ts'
import { craftTar } from '../tar/craft.fixture.ts'
import { temporaryDirectory } from '../temporary.fixture.ts'
import { readDockerImage } from './docker-image.ts'
import {
  addBlob,
  addImage,
  addJson,
  digestOf,
  type ImageContents,
  layer,
  layoutOf,
  savedOf,
  tarOfImage,
  withIndex,
  writeImage,
} from './image.fixture.ts'
import type { Image } from './image.ts'
import { type ImageFiles, openImage } from './image-files.ts'
import { type OciImageChoice, readOciImage } from './oci-image.ts'
import { hostPlatform } from './platform.ts'

type Form = 'directory' | 'tar' | 'compressed tar'

async function open(contents: ImageContents, form: Form): Promise<ImageFiles> {
  const directory = await temporaryDirectory(onTestFinished)
  const path = join(directory, 'image')
  if (form === 'directory') await writeImage(path, contents)
  else if (form === 'tar') await writeFile(path, tarOfImage(contents))
  else await writeFile(path, execFileSync('gzip', ['-c'], { input: tarOfImage(contents) }))
  await mkdir(join(directory, 'work'))
  return await openImage(path, {
    archive: 'image',
    limits: defaultArchiveLimits,
    workDirectory: join(directory, 'work'),
  })
}

async function oci(
  contents: ImageContents,
  choice: OciImageChoice = {},
  form: Form = 'directory',
): Promise<Image> {
  return await readOciImage('image', await open(contents, form), choice)
}

async function saved(contents: ImageContents, tag?: string, form: Form = 'tar'): Promise<Image> {
  return await readDockerImage('image', await open(contents, form), tag)
}

const one = layer([{ name: 'a', content: '1' }])
const other = layer([{ name: 'b', content: '2' }])
const foreign = { os: 'linux', architecture: 'pdp11' }
const diffIds = ({ layers }: Image): string[] => layers.map(({ diffId }) => diffId)
const forms: readonly Form[] = ['directory', 'tar', 'compressed tar']

describe('an OCI image layout', () => {
  test.each(forms)('in a %s', async (form) => {
    const image = await oci(layoutOf([{ layers: [one, other] }]), {}, form)
    expect(diffIds(image)).toEqual([digestOf(one.plain), digestOf(other.plain)])
    expect(image.layers[0]?.source.length).toBe(one.plain.length)
  })

  test('the image is chosen by its name or the end of it', async () => {
    const contents = layoutOf([
      { layers: [one], reference: 'example.org/team/app:1.0' },
      { layers: [other], reference: 'example.org/team/app:2.0' },
    ])
    for (const reference of ['example.org/team/app:2.0', 'app:2.0', '2.0']) {
      expect(diffIds(await oci(contents, { reference }))).toEqual([digestOf(other.plain)])
    }
    await expect(oci(contents, { reference: '3.0' })).rejects.toThrow(/no image "3.0".*app:1.0/)
    await expect(oci(contents)).rejects.toThrow(/several images.*app:1.0/)
  })

  test('the platform is picked from the index, from a nested one, and from the configuration', async () => {
    const listed = { isPlatformListed: true }
    const flat = layoutOf([
      { layers: [other], platform: foreign, ...listed },
      { layers: [one], ...listed },
    ])
    const contents: ImageContents = {}
    const manifests = [{ layers: [other], platform: foreign }, { layers: [one] }].map((image) =>
      addImage(contents, { ...image, ...listed }),
    )
    const index = addJson(
      contents,
      { schemaVersion: 2, manifests },
      'application/vnd.oci.image.index.v1+json',
    )
    for (const layout of [flat, withIndex(contents, [index])]) {
      expect(diffIds(await oci(layout))).toEqual([digestOf(one.plain)])
      expect(diffIds(await oci(layout, { platform: foreign }))).toEqual([digestOf(other.plain)])
    }
    const unlisted = layoutOf([{ layers: [other], platform: foreign }])
    await expect(oci(unlisted)).rejects.toThrow(/linux\/pdp11/)
    await expect(oci(layoutOf([{ layers: [other], platform: foreign, ...listed }]))).rejects.toThrow(
      /linux\/pdp11/,
    )
  })

  test('a blob with another content or size is not used', async () => {
    const contents = layoutOf([{ layers: [one] }])
    const names = Object.keys(contents).filter((name) => name.startsWith('blobs/'))
    for (const name of names) {
      const content = Buffer.from(contents[name] ?? '')
      const shorter = { ...contents, [name]: content.subarray(1) }
      await expect(oci(shorter), name).rejects.toMatchObject({ code: 'ARCHIVE_IMAGE' })
      const { [name]: _, ...lacking } = contents
      await expect(oci(lacking), name).rejects.toMatchObject({ code: 'ARCHIVE_IMAGE' })
    }
    const changed = Object.entries(contents).map(([name, content]): [string, Buffer] => {
      return [
        name,
        content.toString().includes('rootfs')
          ? Buffer.from(content.toString().replace('layers', 'LAYERS'))
          : content,
      ]
    })
    await expect(oci(Object.fromEntries(changed))).rejects.toThrow(/does not have the digest/)
  })

  test.each<[string, (contents: ImageContents) => ImageContents]>([
    ['no index', ({ 'index.json': _, ...rest }) => rest],
    ['an index that is no JSON', (contents) => ({ ...contents, 'index.json': Buffer.from('{') })],
    [
      'a digest that leads elsewhere',
      (contents) => withIndex(contents, [{ mediaType: 'm', digest: 'sha256:../../../etc/passwd', size: 1 }]),
    ],
    [
      'a digest that cannot be verified',
      (contents) => withIndex(contents, [{ mediaType: 'm', digest: `md5:${'0'.repeat(32)}`, size: 1 }]),
    ],
    ['no image', (contents) => withIndex(contents, [])],
  ])('%s', async (_, change) => {
    await expect(oci(change(layoutOf([{ layers: [one] }])))).rejects.toMatchObject({ code: 'ARCHIVE_IMAGE' })
  })

  test('a layer of an unknown type is refused, not guessed at', async () => {
    const mediaType = 'application/vnd.oci.image.layer.v1.tar+encrypted'
    await expect(oci(layoutOf([{ layers: [{ ...one, mediaType }] }]))).rejects.toThrow(/not supported/)
  })

  test('a configuration with another number of layers', async () => {
    const contents: ImageContents = {}
    const config = addJson(contents, { ...hostPlatform(), rootfs: { diff_ids: [] } }, 'c')
    const layers = [addBlob(contents, one.plain, 'application/vnd.oci.image.layer.v1.tar')]
    const manifest = addJson(contents, { config, layers }, 'm')
    await expect(oci(withIndex(contents, [manifest]))).rejects.toThrow(/1 layers/)
  })

  test('indexes that contain one another end', async () => {
    const contents: ImageContents = {}
    let descriptor = addImage(contents, { layers: [one] })
    for (let depth = 0; depth < 10; depth += 1)
      descriptor = addJson(contents, { manifests: [descriptor] }, 'index')
    await expect(oci(withIndex(contents, [descriptor]))).rejects.toThrow(/nested/)
  })
})

describe('what docker save wrote', () => {
  const contents = savedOf([{ tag: 'example.org/app:1.0', layers: [one.plain, other.plain] }])

  test.each(forms)('in a %s', async (form) => {
    expect(diffIds(await saved(contents, undefined, form))).toEqual([
      digestOf(one.plain),
      digestOf(other.plain),
    ])
  })

  test('the image is chosen by its tag', async () => {
    const two = savedOf([
      { tag: 'app:1.0', layers: [one.plain] },
      { tag: 'app:2.0', layers: [other.plain] },
    ])
    expect(diffIds(await saved(two, 'app:2.0'))).toEqual([digestOf(other.plain)])
    await expect(saved(two)).rejects.toThrow(/2 images.*app:1.0.*give the tag/)
    await expect(saved(two, 'app:3.0')).rejects.toThrow(/0 of them/)
  })

  test('a layer that is stored once for several images is found through its link', async () => {
    const directory = await temporaryDirectory(onTestFinished)
    const entries = Object.entries(contents).map(([name, content]) => {
      return name === 'image0-1/layer.tar'
        ? { name, type: '2', linkName: '../image0-0/layer.tar' }
        : { name, content }
    })
    await writeFile(join(directory, 'image'), craftTar(entries))
    const files = await openImage(join(directory, 'image'), {
      archive: 'image',
      limits: defaultArchiveLimits,
      workDirectory: directory,
    })
    const { layers } = await readDockerImage('image', files, undefined)
    expect(layers[1]?.source).toEqual(layers[0]?.source)
  })

  test('a configuration that is not the one its name says', async () => {
    const changed = Object.entries(contents).map(([name, content]): [string, Buffer] => {
      return /^[0-9a-f]{64}\.json$/.test(name) ? [name, Buffer.from(`${content} `)] : [name, content]
    })
    await expect(saved(Object.fromEntries(changed))).rejects.toThrow(/digest/)
  })
})
