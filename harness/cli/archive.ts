import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type ArchiveSource, describeLoss, type Loss } from '../archive/index.ts'
import { printable } from '../report/index.ts'
import { describeArchives } from './describe-archives.ts'
import { addArchive, listArchives, openArchives, removeArchive, unpackTo } from './own-archives.ts'

interface AddOptions {
  readonly kind: 'file' | 'oci-layout' | 'docker-save'
  readonly image?: string
  readonly platform?: string
}

interface JsonOption {
  readonly json: boolean
}

/** Adds `runwright archive` to the command line. */
export function addArchiveCommand(program: Command): void {
  const archive = program
    .command('archive')
    .description('manage the archives that root file systems of bundles come from')
  archive
    .command('list', { isDefault: true })
    .description('list the archives')
    .option('--json', 'print them as JSON', false)
    .action(list)
  archive
    .command('build')
    .description('get archives ready: build, verify and unpack them into the store')
    .argument('[names...]', 'archives; all of them without any')
    .option('--json', 'print them as JSON', false)
    .action(build)
  archive
    .command('add')
    .description('put an archive into the catalogue, by the path of a file or an image layout')
    .argument('<name>', 'what it is to be called')
    .argument(
      '<path>',
      'a tar file (gzip, zstd, xz, bzip2 or plain), an OCI image layout, or a docker save file',
    )
    .addOption(
      new Option('--kind <kind>', 'what it is')
        .choices(['file', 'oci-layout', 'docker-save'])
        .default('file'),
    )
    .option(
      '--image <reference>',
      'which image, where there are several: a reference (OCI) or a tag (docker save)',
    )
    .option('--platform <os/architecture>', 'which platform, where there are several (OCI)')
    .action(add)
  archive
    .command('remove')
    .description('take archives out of the catalogue and remove what was unpacked of them')
    .argument('<names...>', 'archives')
    .action(async (names: readonly string[]) => {
      for (const name of names) await removeArchive(name)
    })
  archive
    .command('unpack')
    .description('unpack an archive exactly, or not at all')
    .argument('<archive>', 'name of an archive, or a tar file')
    .argument('<directory>', 'where to; it must not be there yet')
    .action(async (nameOrFile: string, directory: string) => {
      warn(await unpackTo(nameOrFile, resolve(directory)))
    })
}

async function list({ json }: JsonOption): Promise<void> {
  const archives = await listArchives()
  print(json ? JSON.stringify(archives, undefined, 2) : describeArchives(archives))
}

async function build(names: readonly string[], { json }: JsonOption): Promise<void> {
  const { catalogue, store } = await openArchives()
  const built = []
  for (const name of names.length === 0 ? catalogue.names() : names) {
    const archive = await catalogue.resolve(name)
    const stored = await store.stored(archive)
    warn(stored.losses)
    built.push({ ...archive, rootfs: stored.rootfs })
  }
  print(json ? JSON.stringify(built, undefined, 2) : built.map(({ path }) => path).join('\n'))
}

async function add(name: string, path: string, options: AddOptions): Promise<void> {
  const { archive, stored } = await addArchive(name, sourceOf(resolve(path), options))
  warn(stored.losses)
  print(`${archive.path} (${stored.entries} entries, ${archive.digest})`)
}

function sourceOf(path: string, { kind, image, platform }: AddOptions): ArchiveSource {
  switch (kind) {
    case 'file':
      return { kind, path }
    case 'docker-save':
      return { kind, path, ...(image === undefined ? {} : { tag: image }) }
    case 'oci-layout':
      return {
        ...{ kind, path },
        ...(image === undefined ? {} : { reference: image }),
        ...(platform === undefined ? {} : { platform }),
      }
  }
}

/** What this user or file system could not keep of an archive does not fail the command, but must be said. */
function warn(losses: readonly Loss[]): void {
  for (const loss of losses) process.stderr.write(`runwright: ${printable(describeLoss(loss))}\n`)
}

function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`)
}
