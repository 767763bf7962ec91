import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defaultArchiveLimits } from '../limits.ts'
import { type CraftedEntry, craftEntry, craftTar } from '../tar/craft.fixture.ts'
import type { TarEntry } from '../tar/entry.ts'
import { TarReader } from '../tar/reader.ts'
import { temporaryDirectory } from '../temporary.fixture.ts'
import { unpackArchive } from '../unpack.ts'
import { flattenImage } from './flatten.ts'
import { digestOf } from './image.fixture.ts'

interface Flattened {
  readonly bytes: Buffer
  readonly path: string
  readonly directory: string
}

/** Flattens layers given as tar archives. */
async function flatten(layers: readonly Buffer[]): Promise<Flattened> {
  const directory = await temporaryDirectory(onTestFinished)
  const sources = layers.map(async (content, position) => {
    const path = join(directory, `source-${position}`)
    await writeFile(path, content)
    return { source: { path }, digest: digestOf(content), diffId: digestOf(content) }
  })
  const workDirectory = join(directory, 'work')
  await mkdir(workDirectory)
  const path = join(directory, 'flat.tar')
  const image = { layers: await Promise.all(sources) }
  await flattenImage(image, path, { archive: 'image', limits: defaultArchiveLimits, workDirectory })
  return { bytes: await readFile(path), path, directory }
}

interface Read {
  readonly entry: TarEntry
  readonly content: string
}

function read(archive: Buffer): Read[] {
  const reader = new TarReader({ archive: 'flat', limits: defaultArchiveLimits })
  const pieces = [...reader.read(archive)]
  reader.end()
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'entry') return []
    const start = piece.entry.offset + piece.entry.headerBytes
    return [
      { entry: piece.entry, content: archive.toString('latin1', start, start + piece.entry.contentBytes) },
    ]
  })
}

/** Names in order, with the content of files and the targets of links. */
async function listing(...layers: readonly (readonly CraftedEntry[])[]): Promise<string[]> {
  const { bytes } = await flatten(layers.map(craftTar))
  return read(bytes).map(({ entry: { name, kind, linkName }, content }) => {
    const plain = name.replace(/^\.\/(?=.)/, '').replace(/(?<=.)\/$/, '')
    if (kind === 'directory') return `${plain}/`
    return linkName === '' ? `${plain}=${content}` : `${plain}->${linkName}`
  })
}

const d = (name: string): CraftedEntry => ({ name, type: '5' })
const f = (name: string, content = 'x'): CraftedEntry => ({ name, content })
const s = (name: string, linkName: string): CraftedEntry => ({ name, type: '2', linkName })
const h = (name: string, linkName: string): CraftedEntry => ({ name, type: '1', linkName })

describe('layers are applied in order', () => {
  test.each<[string, (readonly CraftedEntry[])[], string[]]>([
    ['one layer', [[d('a/'), f('a/b')]], ['./', 'a/', 'a/b=x']],
    ['a file over a file', [[f('a', '1')], [f('a', '2')]], ['./', 'a=2']],
    ['a file over a directory', [[d('a/'), f('a/b')], [f('a')]], ['./', 'a=x']],
    ['a directory over a file', [[f('a')], [d('a/'), f('a/b')]], ['./', 'a/', 'a/b=x']],
    [
      'a directory over a directory keeps what is in it',
      [
        [d('a/'), f('a/b')],
        [d('a/'), f('a/c')],
      ],
      ['./', 'a/', 'a/b=x', 'a/c=x'],
    ],
    ['a link over a directory', [[d('a/'), f('a/b')], [s('a', '/c')]], ['./', 'a->/c']],
    ['a directory over a link', [[s('a', '/c')], [d('a/'), f('a/b')]], ['./', 'a/', 'a/b=x']],
    ['implied directories', [[f('a/b/c')]], ['./', 'a/', 'a/b/', 'a/b/c=x']],
    ['names in order', [[f('b'), f('a-b'), d('a/'), f('a/z')]], ['./', 'a/', 'a/z=x', 'a-b=x', 'b=x']],
    ['no layer at all', [], ['./']],
  ])('%s', async (_, layers, expected) => {
    expect(await listing(...layers)).toEqual(expected)
  })
})

describe('whiteouts', () => {
  test.each<[string, (readonly CraftedEntry[])[], string[]]>([
    ['remove a file', [[f('a/b'), f('a/c')], [f('a/.wh.b', '')]], ['./', 'a/', 'a/c=x']],
    ['remove a directory', [[f('a/b/c'), f('a/d')], [f('a/.wh.b', '')]], ['./', 'a/', 'a/d=x']],
    ['remove a link and not its target', [[f('a'), s('b', 'a')], [f('.wh.b', '')]], ['./', 'a=x']],
    ['of what is not there', [[f('a')], [f('.wh.b', ''), f('c/.wh.d', '')]], ['./', 'a=x']],
    [
      'spare what their own layer adds, before or after',
      [
        [f('a', '1'), f('b', '1')],
        [f('a', '2'), f('.wh.a', ''), f('.wh.b', ''), f('b', '2')],
      ],
      ['./', 'a=2', 'b=2'],
    ],
    ['spare what later layers add', [[f('a', '1')], [f('.wh.a', '')], [f('a', '3')]], ['./', 'a=3']],
    [
      'opaque removes all from below',
      [
        [f('a/b'), f('a/c/d')],
        [d('a/'), f('a/.wh..wh..opq', ''), f('a/e')],
      ],
      ['./', 'a/', 'a/e=x'],
    ],
    [
      'opaque spares its own layer, wherever it stands',
      [[f('a/b')], [f('a/c'), f('a/.wh..wh..opq', '')]],
      ['./', 'a/', 'a/c=x'],
    ],
    [
      'opaque at the root',
      [
        [f('a'), f('b/c')],
        [f('.wh..wh..opq', ''), f('d')],
      ],
      ['./', 'd=x'],
    ],
    [
      'a directory that was a file for one layer is empty',
      [[f('a/b')], [f('a')], [d('a/'), f('a/c')]],
      ['./', 'a/', 'a/c=x'],
    ],
    [
      'bookkeeping of AUFS is dropped',
      [[f('.wh..wh.aufs', ''), d('.wh..wh.plnk/'), f('.wh..wh.plnk/1.2'), f('a')]],
      ['./', 'a=x'],
    ],
    [
      'are found through links',
      [[d('usr/lib/'), f('usr/lib/a'), f('usr/lib/b'), s('lib', 'usr/lib')], [f('lib/.wh.a', '')]],
      ['./', 'lib->usr/lib', 'usr/', 'usr/lib/', 'usr/lib/b=x'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await listing(...layers)).toEqual(expected)
  })

  test.each(['.wh.', '.wh...', '.wh.a/b'])('%s is refused', async (name) => {
    await expect(listing([f(name)])).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED' })
  })
})

describe('links', () => {
  const merged = [d('usr/'), d('usr/lib/'), s('lib', 'usr/lib')]

  test('are followed inside the tree', async () => {
    const links = [d('a/'), s('a/absolute', '/usr'), s('a/up', '../../../usr/./lib//'), s('a/here', '.')]
    const below = [f('lib/1'), f('a/absolute/lib/2'), f('a/up/3'), f('a/here/here/4')]
    expect(await listing([...merged, ...links], below)).toEqual([
      './',
      'a/',
      'a/4=x',
      'a/absolute->/usr',
      'a/here->.',
      'a/up->../../../usr/./lib//',
      'lib->usr/lib',
      'usr/',
      'usr/lib/',
      'usr/lib/1=x',
      'usr/lib/2=x',
      'usr/lib/3=x',
    ])
  })

  test.each<[string, (readonly CraftedEntry[])[], string[]]>([
    [
      'a link to something that is not there makes it',
      [[s('a', 'new/place')], [f('a/b')]],
      ['new/', 'new/place/', 'new/place/b=x'],
    ],
    ['a hard link within a layer', [[f('a'), h('b', 'a')]], ['a=x', 'b->a']],
    ['a hard link to a lower layer', [[f('a', '1')], [h('b', 'a')]], ['a=1', 'b->a']],
    ['a hard link whose target comes later in order', [[f('z', '1'), h('b', 'z')]], ['b=1', 'z->b']],
    ['a hard link that outlives its target', [[f('z', '1'), h('b', 'z')], [f('.wh.z', '')]], ['b=1']],
    [
      'a hard link whose target is replaced',
      [[f('z', '1'), h('b', 'z'), h('c', 'z')], [f('z', '2')]],
      ['b=1', 'c->b', 'z=2'],
    ],
    ['a hard link through a link', [[...merged, f('usr/lib/a'), h('b', 'lib/a')]], ['b=x', 'usr/lib/a->b']],
    ['a hard link to a link', [[s('a', '/x'), h('b', 'a')]], ['a->/x', 'b->a']],
  ])('%s', async (_, layers, expected) => {
    expect(await listing(...layers)).toEqual(expect.arrayContaining(expected))
  })

  test.each<[string, CraftedEntry[]]>([
    ['an entry below a file', [f('a'), f('a/b')]],
    ['an entry below links that lead in a circle', [s('a', 'b'), s('b', 'a'), f('a/c')]],
    ['a hard link to nothing', [h('a', 'b')]],
    ['a hard link to a directory', [d('b/'), h('a', 'b')]],
    ['a name that climbs', [f('../a')]],
    ['an absolute name', [f('/a')]],
    ['a file as the root', [f('.')]],
  ])('%s is refused', async (_, entries) => {
    await expect(listing(entries)).rejects.toMatchObject({ code: 'ARCHIVE_REFUSED', archive: 'image' })
  })
})

describe('entries keep everything', () => {
  const capability = '\x01\x00\x00\x02\xff'
  const rich: readonly CraftedEntry[] = [
    { name: './', type: '5', mode: 0o1755, uid: 7 },
    {
      name: './z',
      content: 'x'.repeat(700),
      mode: 0o4755,
      uid: 70_000,
      mtime: 5,
      pax: { mtime: '5.25', 'SCHILY.xattr.security.capability': capability },
    },
    { name: 'c', type: '3', device: [5, 300], magic: 'ustar  \0' },
    { name: 'long', longName: `${'n'.repeat(180)}\xff`, content: 'long' },
  ]

  test('as the layer has them, byte for byte', async () => {
    const { bytes } = await flatten([craftTar(rich)])
    for (const entry of rich) expect(bytes.includes(craftEntry(entry)), entry.name).toBe(true)
  })

  test('and also under another name', async () => {
    const { bytes, path, directory } = await flatten([
      craftTar([...rich, h('b', 'z'), s('l', 'd'), { name: 'l/s', longLink: 't'.repeat(150), type: '2' }]),
    ])
    const found = read(bytes).find(({ entry }) => entry.name === 'b')
    expect(found).toMatchObject({
      entry: { mode: 0o4755, uid: 70_000, xattrs: ['security.capability'] },
      content: 'x'.repeat(700),
    })
    expect(bytes.includes(Buffer.from(`capability=${capability}\n`, 'latin1'))).toBe(true)
    expect(read(bytes).find(({ entry }) => entry.name === 'd/s')?.entry.linkName).toBe('t'.repeat(150))
    await unpackArchive(path, join(directory, 'rootfs'))
    expect(await readFile(join(directory, 'rootfs/b'), 'utf8')).toBe('x'.repeat(700))
  })

  test('the same layers give the same bytes', async () => {
    const layers = [craftTar(rich), craftTar([f('new'), h('b', 'z')])]
    expect((await flatten(layers)).bytes.equals((await flatten(layers)).bytes)).toBe(true)
  })

  test('a sparse file under another name', async () => {
    const size = 10 * 1024 ** 2
    const pax = {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'z',
      'GNU.sparse.realsize': String(size),
    }
    const sparse = {
      name: 'GNUSparseFile.0/z',
      content: `${`1\n${size - 3}\n3\n`.padEnd(512, '\0')}end`,
      pax,
    }
    const { path, directory } = await flatten([craftTar([sparse, h('b', 'z')])])
    await unpackArchive(path, join(directory, 'rootfs'))
    const content = await readFile(join(directory, 'rootfs/b'))
    expect(content.length).toBe(size)
    expect(content.subarray(-4).toString()).toBe('\0end')
  })
})

describe('a layer that is not what the image says', () => {
  test('has another digest', async () => {
    const directory = await temporaryDirectory(onTestFinished)
    const path = join(directory, 'layer')
    const content = craftTar([f('a')])
    await writeFile(path, content)
    const options = { archive: 'image', limits: defaultArchiveLimits, workDirectory: directory }
    const wrong = digestOf(Buffer.from('other'))
    for (const digests of [
      { digest: wrong, diffId: digestOf(content) },
      { digest: undefined, diffId: wrong },
    ]) {
      const work = flattenImage(
        { layers: [{ source: { path }, ...digests }] },
        join(directory, 'flat'),
        options,
      )
      await expect(work).rejects.toMatchObject({ code: 'ARCHIVE_IMAGE' })
    }
  })

  test('may lack the two zero blocks, whose absence its digest confirms', async () => {
    const { bytes } = await flatten([craftEntry(f('a'))])
    expect(read(bytes).map(({ entry }) => entry.name)).toEqual(['./', 'a'])
  })
})
