import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { NoVirtualMachineError } from './errors.ts'

/** What the guest needs before it can reach the host's files, and for its disk: a distribution has it as modules. */
const bootModules = [
  'virtio_pci',
  'virtio_console',
  'virtio_blk',
  'bfq',
  '9pnet_virtio',
  '9p',
  'overlay',
] as const

/**
 * The files of the modules that a guest boots with, each after those it depends on.
 *
 * @param directory `/lib/modules/<release>` of the kernel, with the lists that depmod(8) makes
 * @throws NoVirtualMachineError when the kernel has one of them neither built in nor as a module
 */
export function bootModuleFiles(directory: string): readonly string[] {
  const needed = readDependencies(directory)
  const builtIn = new Set(lines(join(directory, 'modules.builtin')).map(moduleName))
  const ordered = new Set<string>()
  const add = (path: string): void => {
    for (const dependency of needed.get(path) ?? []) add(dependency)
    ordered.add(path)
  }
  const paths = new Map([...needed.keys()].map((path) => [moduleName(path), path]))
  for (const name of bootModules) {
    const path = paths.get(name)
    if (path !== undefined) add(path)
    else if (!builtIn.has(name)) {
      throw new NoVirtualMachineError(
        `the kernel of ${directory} has no module ${name}, which a guest needs to see the host's files: choose another`,
      )
    }
  }
  return [...ordered].map((path) => join(directory, path))
}

/** By the path of each module, the paths of those it needs. */
function readDependencies(directory: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    lines(join(directory, 'modules.dep')).map((line) => {
      const [path = '', dependencies = ''] = line.split(':')
      return [path, dependencies.split(' ').filter((dependency) => dependency !== '')]
    }),
  )
}

function lines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

/** File names divide words by `-` or `_` as they like; the kernel takes them for the same. */
function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.[a-z]+)?$/, '')
    .replaceAll('-', '_')
}
