import { chmodSync, existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ensurePrivateDirectory } from '../host/index.ts'

/**
 * The directories of a registry: its own, with a directory for each bundle, and two below it that are private.
 *
 *     <directory>/                     0711
 *       <name>/                        0711: config.json, rootfs/, io/
 *       .registry/                     0700
 *         aside/<owner>.<random>@<name>/   bundles being built or removed
 *         stamps/<name>@<inode>        what each bundle was made of
 *
 * The directory `<name>` is the bundle of that name if, and only if, there is a stamp for its name and inode number.
 * A bundle is built aside, its stamp is written, and then a single rename makes the directory public, which fails when
 * another one has the name; it is withdrawn by a rename too. Each of these steps is whole or not done at all, so no lock
 * is needed, and a process that is killed between two of them leaves only a directory aside, which tells by its name
 * whose it is and is removed by whoever comes next.
 */
export interface Places {
  readonly directory: string
  readonly aside: string
  readonly stamps: string
}

/**
 * Makes the directories of a registry as far as they are missing.
 *
 * Those on the way to the bundles may be passed through by everybody (a runtime in a user namespace must reach the
 * root file system as another user) but not listed.
 *
 * @throws UnsafeDirectoryError when somebody else could change what is in them.
 */
export function preparePlaces(directory: string): Places {
  const made = missing(directory)
  ensurePrivateDirectory(directory)
  for (const path of made) chmodSync(path, 0o711)
  const places = placesOf(directory)
  for (const path of [join(places.directory, '.registry'), places.aside, places.stamps]) {
    ensurePrivateDirectory(path)
  }
  return places
}

/** The directories of a registry that exists; undefined when nothing was ever registered there. */
export function existingPlaces(directory: string): Places | undefined {
  return existsSync(join(directory, '.registry')) ? preparePlaces(directory) : undefined
}

function placesOf(directory: string): Places {
  const real = realpathSync(directory)
  const own = join(real, '.registry')
  return { directory: real, aside: join(own, 'aside'), stamps: join(own, 'stamps') }
}

/** The directory and those above it that do not exist yet. */
function missing(directory: string): string[] {
  return existsSync(directory) ? [] : [directory, ...missing(dirname(directory))]
}
