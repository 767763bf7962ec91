import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chown, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import {
  array,
  asyncProperty,
  check as checkProperty,
  constantFrom,
  integer,
  nat,
  oneof,
  tuple,
} from 'fast-check'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { inChild, ordinaryUser, removeCompiled, whyNotAsOrdinaryUser } from './child.fixture.ts'
import { ArchiveError } from './errors.ts'
import { plainBytes } from './plain-bytes.ts'
import { pathWithProgram, pathWithTar } from './programs.fixture.ts'
import { fileCapability, makeRichTree } from './rich-tree.fixture.ts'
import { type CraftedEntry, craftEntry, craftTar, repairChecksum } from './tar/craft.fixture.ts'
import { temporaryDirectory } from './temporary.fixture.ts'
import { attributesOf, describeTree, type FileFacts } from './tree.fixture.ts'
import { type UnpackOptions, type UnpackReport, unpackArchive } from './unpack.ts'
import { isRoot, needsRoot } from './user.fixture.ts'

const run = promisify(execFile)
afterAll(removeCompiled)
const newDirectory = async (): Promise<string> => await temporaryDirectory(onTestFinished)

async function crafted(content: Buffer | readonly CraftedEntry[]): Promise<string> {
  const path = join(await newDirectory(), 'crafted.tar')
  await writeFile(path, Buffer.isBuffer(content) ? content : craftTar(content))
  return path
}

/** Unpacks beside the archive, expects an error, and that nothing but the archive is there afterwards. */
async function failure(path: string, options: UnpackOptions = {}): Promise<ArchiveError> {
  const before = await readdir(dirname(path))
  const error = await unpackArchive(path, join(dirname(path), 'rootfs'), options).catch(
    (cause: unknown) => cause,
  )
  expect(await readdir(dirname(path))).toEqual(before)
  if (error instanceof ArchiveError) return error
  throw new Error(`unpacking ${path} did not fail as it should`, { cause: error })
}

interface Unpacked {
  readonly rootfs: string
  readonly report: UnpackReport
}

async function unpack(path: string, options: UnpackOptions = {}): Promise<Unpacked> {
  const rootfs = join(dirname(path), 'rootfs')
  const report = await unpackArchive(path, rootfs, options)
  expect((await readdir(dirname(path))).filter((name) => name.startsWith('.'))).toEqual([])
  return { rootfs, report }
}

type Facts = Readonly<Record<string, FileFacts>>

/** What the old GNU format cannot record is taken out of the comparison. */
function withoutAttributesAndFractions(facts: Facts): Facts {
  const reduced = Object.entries(facts).map(([name, fact]) => [
    name,
    { ...fact, attributes: {}, mtime: fact.mtime.slice(0, -9) },
  ])
  return Object.fromEntries(reduced)
}

const whole = (facts: Facts): Facts => facts

describe('a rootfs with everything in it comes back as it was', () => {
  const pax = ['--format=pax', '--xattrs', '--xattrs-include=*']
  test.for<[string, string[], (facts: Facts) => Facts]>([
    ['pax', pax, whole],
    ['pax, sparse files of version 0.0', [...pax, '--sparse', '--sparse-version=0.0'], whole],
    ['pax, sparse files of version 0.1', [...pax, '--sparse', '--sparse-version=0.1'], whole],
    ['pax, sparse files of version 1.0', [...pax, '--sparse', '--sparse-version=1.0'], whole],
    ['GNU', ['--format=gnu'], withoutAttributesAndFractions],
    ['GNU, sparse files', ['--format=gnu', '--sparse'], withoutAttributesAndFractions],
  ])('%s', async ([, options, comparable], { skip }) => {
    skip(!isRoot, needsRoot)
    const directory = await newDirectory()
    const source = join(directory, 'source')
    const path = join(directory, 'rich.tar')
    await makeRichTree(source)
    await run('tar', [...options, '-cf', path, '-C', source, '.'])
    const { rootfs, report } = await unpack(path)
    expect(report.losses).toEqual([])
    expect(comparable(await describeTree(rootfs))).toEqual(comparable(await describeTree(source)))
    if (options.includes('--sparse')) expect((await stat(join(rootfs, 'sparse'))).blocks).toBeLessThan(100)
  })

  test('directories that the archive implies are 0755 whatever the umask', async () => {
    const path = await crafted([{ name: 'implied/by/file', content: 'abc' }])
    const before = process.umask(0o077)
    onTestFinished(() => void process.umask(before))
    const { rootfs } = await unpack(path)
    for (const name of ['', 'implied', 'implied/by']) {
      expect((await stat(join(rootfs, name))).mode & 0o7777).toBe(0o755)
    }
  })

  test('owners are numbers, whatever users of that name this host has', async ({ skip }) => {
    skip(!isRoot, needsRoot)
    const named = (block: Buffer): void => {
      block.write('daemon\0', 265)
      block.write('daemon\0', 297)
    }
    const { rootfs } = await unpack(await crafted([{ name: 'a', uid: 12_345, gid: 54_321, alter: named }]))
    expect(await stat(join(rootfs, 'a'))).toMatchObject({ uid: 12_345, gid: 54_321 })
  })

  test('labels of another host are left out, its other attributes are not', async ({ skip }) => {
    skip(!isRoot, needsRoot)
    const pax = {
      'SCHILY.xattr.security.selinux': 'system_u:object_r:bin_t:s0',
      'SCHILY.xattr.user.note': 'kept',
    }
    const { rootfs, report } = await unpack(await crafted([{ name: 'a', pax }]))
    expect(attributesOf(join(rootfs, 'a'))).toEqual({ 'user.note': Buffer.from('kept').toString('hex') })
    expect(report.losses).toEqual([])
  })

  test('a directory keeps its time when something is put into it later', async () => {
    const entries = [
      { name: 'd/', type: '5', mtime: 1_000_000_000 },
      { name: 'e/', type: '5' },
      { name: 'd/late' },
    ]
    const { rootfs } = await unpack(await crafted(entries))
    expect((await stat(join(rootfs, 'd'))).mtimeMs).toBe(1_000_000_000_000)
  })

  test('of two entries with one name the later stays', async () => {
    const path = await crafted([
      { name: 'a', content: 'first' },
      { name: './a', content: 'second' },
    ])
    const { rootfs } = await unpack(path)
    expect(await readFile(join(rootfs, 'a'), 'utf8')).toBe('second')
  })

  test('an archive without entries is an empty rootfs', async () => {
    const { rootfs, report } = await unpack(await crafted([]))
    expect(await readdir(rootfs)).toEqual([])
    expect(report).toMatchObject({ entries: 0, contentBytes: 0 })
  })
})

describe('compression', () => {
  test.for(['gzip', 'zstd', 'xz', 'bzip2'])('%s', async (program) => {
    const plain = await crafted([{ name: 'a', content: 'abc'.repeat(100_000) }])
    await run('sh', ['-c', `${program} -c < '${plain}' > '${plain}.packed'`])
    const { rootfs, report } = await unpack(`${plain}.packed`)
    expect((await stat(join(rootfs, 'a'))).size).toBe(300_000)
    const digest = createHash('sha256')
      .update(await readFile(`${plain}.packed`))
      .digest('hex')
    expect(report.digest).toBe(`sha256:${digest}`)
  })

  test.for(['gzip', 'zstd', 'xz', 'bzip2'])(
    '%s cut off or with a wrong byte is an error',
    async (program) => {
      const plain = await crafted([
        { name: 'a', content: Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at) % 251)) },
      ])
      const { stdout } = await run(program, ['-c', plain], { encoding: 'buffer' })
      const step = Math.ceil(stdout.length / 5)
      for (let length = 0; length < stdout.length; length += step) {
        const path = await crafted(stdout.subarray(0, length))
        expect((await failure(path)).code, `${length} of ${stdout.length} bytes`).toBe('ARCHIVE_CORRUPT')
      }
      const damaged = Buffer.from(stdout)
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 7) ^ 0x10, damaged.length - 7)
      expect((await failure(await crafted(damaged))).code).toBe('ARCHIVE_CORRUPT')
    },
  )

  test('a missing program is named with its remedy', async () => {
    const path = await crafted(Buffer.from('28b52ffd0000', 'hex'))
    const programs = await newDirectory()
    for (const name of ['sh', 'tar', 'rm']) await symlink(`/bin/${name}`, join(programs, name))
    setPath(programs)
    const error = await failure(path)
    expect(error.code).toBe('ARCHIVE_TOOL')
    expect(error.message).toMatch(/zstd.*install/)
  })
})

describe('hostile archives', () => {
  const refused: readonly (readonly [string, readonly CraftedEntry[]])[] = [
    ['absolute name', [{ name: '/OUTSIDE/planted', content: 'x' }]],
    ['name with ..', [{ name: '../outside/planted', content: 'x' }]],
    ['name with .. in its middle', [{ name: 'a/../../outside/planted', content: 'x' }]],
    ['.. in an extended header', [{ name: 'a', pax: { path: '../outside/planted' }, content: 'x' }]],
    ['.. in a long name', [{ name: 'a', longName: '../outside/planted', content: 'x' }]],
    ['.. in the prefix', [{ name: 'planted', prefix: '../outside', content: 'x' }]],
    ['directory with ..', [{ name: '../outside/planted/', type: '5' }]],
    [
      'through an absolute link',
      [
        { name: 'l', type: '2', linkName: 'OUTSIDE' },
        { name: 'l/planted', content: 'x' },
      ],
    ],
    [
      'through a relative link',
      [
        { name: 'l', type: '2', linkName: '../outside' },
        { name: 'l/planted', content: 'x' },
      ],
    ],
    [
      'through a chain of links',
      [
        { name: 'a/b/', type: '5' },
        { name: 'a/b/up', type: '2', linkName: '..' },
        { name: 'up2', type: '2', linkName: 'a/b/up/../..' },
        { name: 'up2/outside/planted', content: 'x' },
      ],
    ],
    [
      'through a hard link to a link',
      [
        { name: 'l', type: '2', linkName: 'OUTSIDE' },
        { name: 'h', type: '1', linkName: 'l' },
        { name: 'h/planted', content: 'x' },
      ],
    ],
    [
      'directory over a link',
      [
        { name: 'l', type: '2', linkName: 'OUTSIDE' },
        { name: 'l/sub/', type: '5', mode: 0o777 },
      ],
    ],
    ['hard link to the outside', [{ name: 'h', type: '1', linkName: 'OUTSIDE/precious' }]],
    ['hard link to the outside with ..', [{ name: 'h', type: '1', linkName: '../outside/precious' }]],
    [
      'hard link through a link',
      [
        { name: 'l', type: '2', linkName: 'OUTSIDE' },
        { name: 'h', type: '1', linkName: 'l/precious' },
        { name: 'h', content: 'overwritten' },
      ],
    ],
    [
      'link in place of the rootfs',
      [
        { name: './', type: '2', linkName: 'OUTSIDE' },
        { name: 'planted', content: 'x' },
      ],
    ],
    ['name with NUL', [{ name: 'a', pax: { path: 'a\0b' } }]],
    ['volume label', [{ name: 'label', type: 'V' }]],
  ]

  async function outside(): Promise<{
    directory: string
    path: string
    before: Facts
    entriesOf: (entries: readonly CraftedEntry[]) => CraftedEntry[]
  }> {
    const directory = await newDirectory()
    await mkdir(join(directory, 'outside'))
    await writeFile(join(directory, 'outside/precious'), 'precious')
    await mkdir(join(directory, 'work'))
    const place = (text: string): string => text.replace('OUTSIDE', join(directory, 'outside'))
    return {
      directory: join(directory, 'outside'),
      path: join(directory, 'work/hostile.tar'),
      before: await describeTree(join(directory, 'outside')),
      entriesOf: (entries) =>
        entries.map((entry) => ({
          ...entry,
          name: place(entry.name),
          linkName: place(entry.linkName ?? ''),
        })),
    }
  }

  test.for(refused)('%s is refused', async ([, entries]) => {
    const { directory, path, before, entriesOf } = await outside()
    await writeFile(path, craftTar(entriesOf(entries)))
    const error = await failure(path, { name: 'hostile' })
    expect(error).toMatchObject({ code: 'ARCHIVE_REFUSED', archive: 'hostile' })
    expect(error.message).toMatch(/hostile.*entry "/)
    expect(await describeTree(directory)).toEqual(before)
  })

  test('nothing after the last entry that was accepted reaches GNU tar', async () => {
    const seen = join(await newDirectory(), 'seen')
    // The part that writes goes on after its shell was killed.
    await tarInstead(`exec 3<&0; { cat <&3 > '${seen}.part'; mv '${seen}.part' '${seen}'; } & wait`)
    const harmless = craftEntry({ name: 'harmless', content: Buffer.alloc(2 * 1024 ** 2, 'x') })
    const error = await failure(await crafted(Buffer.concat([harmless, craftTar([{ name: '../planted' }])])))
    expect(error.code).toBe('ARCHIVE_REFUSED')
    await expect.poll(async () => await readdir(dirname(seen))).toEqual(['seen'])
    const given = await readFile(seen)
    expect(given.length).toBeGreaterThan(1024 ** 2)
    expect(harmless.subarray(0, given.length).equals(given)).toBe(true)
  })

  test('a hard link to a file that the archive lacks is an error', async () => {
    const error = await failure(await crafted([{ name: 'h', type: '1', linkName: 'missing' }]))
    expect(error.code).toBe('ARCHIVE_UNPACK')
    expect(error.message).toContain('missing')
  })

  test('a directory that becomes a link after it was filled is an error', async () => {
    const error = await failure(
      await crafted([
        { name: 'a/b', content: 'x' },
        { name: 'a', type: '2', linkName: '/etc' },
      ]),
    )
    expect(error.code).toBe('ARCHIVE_UNPACK')
  })

  test.for<[string, Partial<UnpackOptions['limits']>, readonly CraftedEntry[]]>([
    ['entries', { entries: 3 }, Array.from({ length: 4 }, (_, at) => ({ name: `file-${at}` }))],
    ['contentBytes', { contentBytes: 1000 }, [{ name: 'a', content: 'x'.repeat(1001) }]],
    ['pathBytes', {}, [{ name: 'a', longName: 'd/'.repeat(2000) }]],
    ['componentBytes', {}, [{ name: 'a', longName: 'n'.repeat(65_536) }]],
    ['depth', {}, [{ name: 'a', longName: `${'d/'.repeat(300)}f` }]],
  ])('beyond the limit of %s', async ([limit, limits, entries]) => {
    const error = await failure(await crafted(entries), { limits: { ...limits } })
    expect(error).toMatchObject({ code: 'ARCHIVE_LIMIT' })
    expect(['pathBytes', limit]).toContain(Reflect.get(error, 'limit'))
  })

  test('a file that claims to be huge is refused by its header', async () => {
    const path = await crafted([{ name: 'huge', size: 2 ** 50 }])
    expect((await failure(path)).code).toBe('ARCHIVE_LIMIT')
  })

  test('100 GB of holes take no space', async () => {
    const size = 100 * 1024 ** 3
    // Version 1.0: the content begins with the map: one part of no bytes at the end of the file.
    const map = `1\n${size}\n0\n`.padEnd(512, '\0')
    const pax = {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'holes',
      'GNU.sparse.realsize': String(size),
    }
    const { rootfs } = await unpack(await crafted([{ name: 'placeholder', content: map, pax }]))
    const stats = await stat(join(rootfs, 'holes'))
    expect(stats.size).toBe(size)
    expect(stats.blocks).toBeLessThan(100)
  })

  test('an archive that GNU tar reads differently is thrown away', async () => {
    await tarInstead('exec /bin/tar --exclude=second "$@"')
    const error = await failure(await crafted([{ name: 'first' }, { name: 'second' }]))
    expect(error.code).toBe('ARCHIVE_UNPACK')
    expect(error.message).toContain('other entries')
  })
})

/** Puts a script in the place of tar for the rest of a test. */
async function tarInstead(script: string): Promise<void> {
  setPath(await pathWithTar(await newDirectory(), script))
}

/** For the rest of a test. */
function setPath(path: string): void {
  vi.stubEnv('PATH', path)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('an archive that is not what it should be', () => {
  test('every block that is missing at the end is noticed', async () => {
    const archive = craftTar([
      { name: 'd/', type: '5' },
      { name: 'd/file', content: 'x'.repeat(1500) },
      { name: 'link', type: '2', linkName: 'd/file', pax: { comment: 'c' } },
    ])
    for (let length = 0; length < archive.length; length += 512) {
      expect((await failure(await crafted(archive.subarray(0, length)))).code, `${length} bytes`).toBe(
        'ARCHIVE_CORRUPT',
      )
    }
  })

  test('another digest than expected', async () => {
    const error = await failure(await crafted([{ name: 'a' }]), { digest: `sha256:${'0'.repeat(64)}` })
    expect(error.code).toBe('ARCHIVE_CHANGED')
  })

  test('no such file, and none that can be read', async () => {
    expect((await failure(join(await newDirectory(), 'missing.tar'))).code).toBe('ARCHIVE_FILE')
    const directory = await newDirectory()
    await run('mkfifo', [join(directory, 'pipe')])
    expect((await failure(join(directory, 'pipe'))).code).toBe('ARCHIVE_FILE')
  })

  test('text', async () => {
    expect((await failure(await crafted(Buffer.from('hello\n'.repeat(1000))))).code).toBe('ARCHIVE_CORRUPT')
  })
})

describe('the destination', () => {
  test('one that exists is left as it is', async () => {
    const path = await crafted([{ name: 'a' }])
    const destination = join(dirname(path), 'taken')
    for (const make of [
      async () => await mkdir(destination),
      async () => await symlink('/nowhere', destination),
    ]) {
      await make()
      await expect(unpackArchive(path, destination)).rejects.toMatchObject({ code: 'ARCHIVE_DESTINATION' })
      expect(await readdir(dirname(path))).toEqual(['crafted.tar', 'taken'])
      await run('rm', ['-r', destination])
    }
  })

  test('one without a parent', async () => {
    const path = await crafted([{ name: 'a' }])
    await expect(unpackArchive(path, join(dirname(path), 'missing/rootfs'))).rejects.toMatchObject({
      code: 'ARCHIVE_DESTINATION',
    })
  })
})

describe('stopping', () => {
  const large = [{ name: 'zeros', content: Buffer.alloc(64 * 1024 ** 2) }]

  test('by a signal that was given before', async () => {
    expect((await failure(await crafted(large), { signal: AbortSignal.abort() })).code).toBe(
      'ARCHIVE_STOPPED',
    )
  })

  test('by a signal while GNU tar does not take its input', async () => {
    const path = await crafted(large)
    const started = join(dirname(path), '..', `${Date.now()}.started`)
    await tarInstead(`touch '${started}'; exec sleep 600`)
    const controller = new AbortController()
    const stopping = failure(path, { signal: controller.signal })
    await expect
      .poll(
        async () =>
          await stat(started).then(
            () => true,
            () => false,
          ),
      )
      .toBe(true)
    await run('rm', [started])
    controller.abort()
    expect((await stopping).code).toBe('ARCHIVE_STOPPED')
  })

  test('while the decompressor gives nothing', async () => {
    setPath(await pathWithProgram(await newDirectory(), 'gzip', 'exec sleep 600'))
    const error = await failure(await crafted(Buffer.from('1f8b0800', 'hex')), { timeoutMs: 50 })
    expect(error.code).toBe('ARCHIVE_STOPPED')
  })

  test('while the decompressor is being started', async () => {
    setPath(await pathWithProgram(await newDirectory(), 'gzip', 'exec sleep 600'))
    const path = await crafted(Buffer.from('1f8b0800', 'hex'))
    const bytes = plainBytes({ path }, { archive: 'x', signal: AbortSignal.abort(new Error('stopped')) })
    await expect(bytes.next()).rejects.toThrow()
  })

  test('by its time limit', async () => {
    const path = await crafted(large)
    await tarInstead('exec sleep 600')
    const error = await failure(path, { timeoutMs: 50 })
    expect(error.code).toBe('ARCHIVE_STOPPED')
  })
})

describe('without privilege', () => {
  const unpackInChild = 'return await archives.unpackArchive(...argument)'
  const entries: readonly CraftedEntry[] = [
    { name: './', type: '5', mode: 0o555 },
    { name: 'dev/null', type: '3', device: [1, 3] },
    { name: 'dev/same', type: '1', linkName: './dev/null' },
    { name: 'dev/disk', type: '4', device: [8, 0] },
    { name: 'owned', uid: 1234, gid: 5, mode: 0o4755, content: 'abc' },
    {
      name: 'capable',
      content: 'abc',
      pax: { 'SCHILY.xattr.security.capability': fileCapability.toString('latin1') },
    },
    { name: 'listed', content: 'abc', pax: { 'SCHILY.acl.access': 'user::rw-,group::r--,other::r--' } },
    { name: 'secret', mode: 0o000, content: 'abc' },
    { name: 'pipe', type: '6' },
    { name: 'open', mode: 0o777, uid: ordinaryUser, gid: ordinaryUser },
  ]

  test('what cannot be kept is reported, the rest is unpacked', { timeout: 60_000 }, async ({ skip }) => {
    const reason = await whyNotAsOrdinaryUser()
    skip(reason !== undefined, reason)
    const path = await crafted(entries)
    const rootfs = join(dirname(path), 'rootfs')
    await chown(dirname(path), ordinaryUser, ordinaryUser)
    const report = await inChild(unpackInChild, [path, rootfs], { user: ordinaryUser })
    expect(report).toMatchObject({
      isReadable: false,
      losses: [
        { kind: 'owner', count: 6 },
        { kind: 'device', count: 3, examples: ['"dev/null"', '"dev/same"', '"dev/disk"'] },
        { kind: 'attribute', count: 1 },
        { kind: 'access-list', count: 1 },
      ],
    })
    expect((await readdir(rootfs)).toSorted()).toEqual([
      'capable',
      'listed',
      'open',
      'owned',
      'pipe',
      'secret',
    ])
    expect((await lstat(rootfs)).mode & 0o7777).toBe(0o555)
    expect(await lstat(join(rootfs, 'owned'))).toMatchObject({ uid: ordinaryUser, mode: 0o104755 })
    expect(await lstat(join(rootfs, 'open'))).toMatchObject({ mode: 0o100777 })
    expect((await readdir(dirname(path))).toSorted()).toEqual(['crafted.tar', 'rootfs'])
  })

  test('a failure leaves nothing even where directories forbid writing', { timeout: 60_000 }, async ({
    skip,
  }) => {
    const reason = await whyNotAsOrdinaryUser()
    skip(reason !== undefined, reason)
    const path = await crafted([
      { name: 'd/', type: '5', mode: 0o555 },
      { name: 'd/e/', type: '5', mode: 0o000 },
      { name: 'd/e/f', content: 'abc' },
      { name: 'h', type: '1', linkName: 'missing' },
    ])
    await chown(dirname(path), ordinaryUser, ordinaryUser)
    const result = await inChild(unpackInChild, [path, join(dirname(path), 'rootfs')], { user: ordinaryUser })
    expect(result).toMatchObject({ failed: 'ARCHIVE_UNPACK' })
    expect(await readdir(dirname(path))).toEqual(['crafted.tar'])
  })

  test('root keeps all of it but the access list', async ({ skip }) => {
    skip(!isRoot, needsRoot)
    const { rootfs, report } = await unpack(await crafted(entries))
    expect(report.losses.map(({ kind }) => kind)).toEqual(['access-list'])
    expect(report.isReadable).toBe(true)
    const made = await lstat(join(rootfs, 'dev/null'))
    expect(made.rdev).toBe((await lstat('/dev/null')).rdev)
    expect((await lstat(join(rootfs, 'dev/same'))).ino).toBe(made.ino)
  })
})

test('an archive damaged at random is refused or unpacked, and touches nothing else', {
  timeout: 60_000,
}, async () => {
  const sound = craftTar([
    { name: 'd/', type: '5' },
    { name: 'd/f', content: 'x'.repeat(600), pax: { mtime: '5.5' } },
    { name: 'l', type: '2', linkName: '../..' },
    { name: 'n', longName: 'long/name', content: 'y' },
    { name: 'h', type: '1', linkName: 'd/f' },
    {
      name: 's',
      type: 'S',
      magic: 'ustar  \0',
      content: 'z',
      alter: (block) => void block.write('00000010000\0', 483),
    },
  ])
  const telling = ['\0', '/', '.', '0', '1', '2', '5', 'L', 'S', 'x', 'g', '\x80', '\xff'].map((byte) =>
    byte.charCodeAt(0),
  )
  const byte = oneof(constantFrom(...telling), integer({ min: 0, max: 255 }))
  const damage = array(tuple(nat(sound.length / 512 - 1), nat(511), byte), { minLength: 1, maxLength: 4 })
  const isContained = asyncProperty(damage, async (changes) => {
    const archive = Buffer.from(sound)
    for (const [block, offset, value] of changes) {
      archive[block * 512 + offset] = value
      repairChecksum(archive.subarray(block * 512, block * 512 + 512))
    }
    const path = await crafted(archive)
    const error = await unpackArchive(path, join(dirname(path), 'rootfs')).catch((cause: unknown) => cause)
    if (error instanceof Error && !(error instanceof ArchiveError)) throw error
    const expected = error instanceof ArchiveError ? ['crafted.tar'] : ['crafted.tar', 'rootfs']
    expect((await readdir(dirname(path))).toSorted()).toEqual(expected)
  })
  expect(await checkProperty(isContained, { numRuns: 40 })).toMatchObject({ failed: false })
})
