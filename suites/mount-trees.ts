import { HeldNamespaces, type MountEntry } from '../harness/host/index.ts'
import { InsideObservation, insideScript } from '../harness/probe/index.ts'
import { addMount, combine, type Edit } from '../harness/spec/index.ts'
import type { TestContext } from '../harness/suite/index.ts'
import { shell } from './programs.ts'

/** How the mounts of a tree to bind look on the host's side. */
export interface TreeOptions {
  /** Options of mount(8) for the mount at the top and the one at `sub` below it. */
  readonly prepared?: string
  /** What is added to the configuration beside the mount. */
  readonly filter?: Edit
}

/** Both mounts of a tree that was bound. */
export interface BoundTree {
  readonly top: MountEntry
  readonly sub: MountEntry | undefined
  /** The mount at `sub` as it is on the host's side afterwards. */
  readonly source: MountEntry | undefined
}

/** A shared tree of two mounts with a file in each, the first of the arguments being where. */
const treeScript = `
  mount -t tmpfs tree "$1"; mkdir "$1/sub"; touch "$1/file"
  mount -t tmpfs sub "$1/sub"; touch "$1/sub/file"
  mount --make-rshared "$1"
  if [ -n "$2" ]; then mount -o "remount,bind,$2" "$1"; mount -o "remount,bind,$2" "$1/sub"; fi`

/** A mount namespace for the runtime in which a tree of two mounts stands at a directory of the test's own. */
export async function holdTree(
  { runtime, temporaryDirectory }: Pick<TestContext, 'runtime' | 'temporaryDirectory'>,
  prepared = '',
): Promise<{ readonly holder: HeldNamespaces; readonly path: string }> {
  const path = await temporaryDirectory()
  const holder = await HeldNamespaces.open(['mnt'], {
    prefix: runtime.prefix,
    script: treeScript,
    arguments: [path, prepared],
  })
  return { holder, path }
}

/** The mount entry that binds a tree. */
export function boundAt(source: string, options: readonly string[]): Edit {
  return addMount({ destination: '/mnt/tree', type: 'none', source, options: [...options] })
}

/** Binds a tree of two mounts with these options, and gives what the container sees of it. */
export async function bindTree(
  context: Pick<TestContext, 'bundles' | 'runtime' | 'temporaryDirectory'>,
  name: string,
  options: readonly string[],
  { prepared = '', filter = combine() }: TreeOptions = {},
): Promise<BoundTree> {
  const { holder, path } = await holdTree(context, prepared)
  try {
    const bundle = await context.bundles.busybox(
      name,
      shell(insideScript),
      combine(boundAt(path, options), filter),
    )
    const { stdout } = await context.runtime.behind(holder.entering('mnt')).run(bundle)
    const inside = new InsideObservation(stdout)
    const at = (mounts: readonly MountEntry[], place: string) =>
      mounts.findLast(({ mountPoint }) => mountPoint === place)
    return {
      top: inside.mountAt('/mnt/tree'),
      sub: at(inside.mounts, '/mnt/tree/sub'),
      source: at(holder.mounts(), `${path}/sub`),
    }
  } finally {
    await holder.release()
  }
}
