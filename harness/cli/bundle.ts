import type { Command } from 'commander'
import { printable } from '../report/index.ts'
import { stringifyJson } from '../spec/index.ts'
import { describeBundle, describeBundles } from './describe-bundle.ts'
import { openBundles, openBundlesFor } from './own-bundles.ts'

interface CreateOptions {
  readonly archive: string
  readonly runtime: string
  readonly json: boolean
}

interface JsonOption {
  readonly json: boolean
}

/** Adds `runwright bundle` to the command line. */
export function addBundleCommand(program: Command): void {
  const bundle = program
    .command('bundle')
    .description('make bundles to try a runtime on by hand, look at them, remove them')
  bundle
    .command('list', { isDefault: true })
    .description('list the bundles')
    .option('--json', 'print them as JSON, with their configurations', false)
    .action(list)
  bundle
    .command('create')
    .description('make a bundle from an archive; print its directory')
    .argument('<name>', 'name of the bundle')
    .argument('[args...]', "what its process runs, after '--'", ['sh'])
    .option('--archive <name>', 'where its root file system comes from', 'busybox')
    .option('--runtime <name or path>', 'whose reference configuration it gets', 'runc')
    .option('--json', 'print the bundle as JSON', false)
    .action(create)
  bundle
    .command('show')
    .description('show what a bundle is made of')
    .argument('<name>', 'name of the bundle')
    .option('--json', 'print it as JSON, with its configuration', false)
    .action(show)
  bundle
    .command('remove')
    .description('remove bundles')
    .argument('[names...]', 'names of the bundles')
    .option('--all', 'remove all of them', false)
    .action(remove)
}

async function list({ json }: JsonOption): Promise<void> {
  const bundles = await (await openBundles()).list()
  print(json ? stringifyJson(bundles, { indent: '  ' }) : describeBundles(bundles))
}

async function create(name: string, args: readonly string[], options: CreateOptions): Promise<void> {
  await using opened = await openBundlesFor(options.runtime)
  const bundle = await opened.bundles.createBundleWithFilter(options.archive, name, args)
  print(options.json ? stringifyJson(bundle, { indent: '  ' }) : bundle.path)
}

async function show(name: string, { json }: JsonOption): Promise<void> {
  const bundle = await (await openBundles()).requireBundle(name)
  print(json ? stringifyJson(bundle, { indent: '  ' }) : describeBundle(bundle))
}

async function remove(
  names: readonly string[],
  { all }: { readonly all: boolean },
  command: Command,
): Promise<void> {
  if (all === names.length > 0) command.error('error: name bundles, or say --all')
  const bundles = await openBundles()
  if (all) await bundles.removeAll()
  for (const name of names) await bundles.removeBundle(name)
}

function print(text: string): void {
  if (text !== '') process.stdout.write(`${printable(text)}\n`)
}
