import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Archive } from '../archive/index.ts'
import { stringifyJson } from '../spec/index.ts'
import { discard, pathAside } from './aside.ts'
import type { BundleArchives, Definition } from './bundle.ts'
import { BundleBuildError, BundleMountedError } from './errors.ts'
import { isFileError } from './file-error.ts'
import { refuseMounted } from './mounts.ts'
import { overlayPlaces, takesOverlay } from './overlay.ts'
import type { Places } from './places.ts'
import {
  findRegistration,
  isCurrent,
  markOf,
  openBundleDirectory,
  type Registration,
  stampOf,
} from './registration.ts'
import { moveEntry } from './remove-tree.ts'
import { stampName, writeStamp } from './stamp.ts'

/** All that is needed to build a bundle. */
export interface BuildPlan {
  readonly places: Places
  readonly archives: BundleArchives
  readonly archive: Archive
  readonly definition: Definition
}

/** Attempts after which somebody must be putting other things in the bundle's place on purpose. */
const mostAttempts = 100

/**
 * Builds a bundle aside and makes it public under its name.
 *
 * A directory of that name that is no registered bundle is removed. When another process registers a bundle of that
 * name meanwhile, that one is left alone and this one thrown away.
 *
 * @returns the bundle that is registered now, which may be the other process's; undefined when that is gone again.
 * @throws BundleBuildError, BundleMountedError
 */
export async function buildAndPublish(plan: BuildPlan): Promise<Registration | undefined> {
  const { places, definition } = plan
  const built = pathAside(places, definition.name)
  try {
    const isOverlaid = await build(plan, built)
    const own = await publish(plan, built, isOverlaid)
    if (own !== undefined) return isCurrent(places, own) ? own : undefined
  } catch (error) {
    // What cannot be removed now goes with the next leftovers; the reason for the failure matters more.
    await discard(places, built).catch(() => undefined)
    throw error
  }
  return findRegistration(places, definition.name)
}

/** @returns whether its root file system is an overlay. */
async function build({ archives, archive, definition }: BuildPlan, path: string): Promise<boolean> {
  const { name, spec } = definition
  let isOverlaid = false
  makeDirectory(path, 0o711)
  if (definition.rootfs === join(definition.path, 'rootfs'))
    await step(name, `its rootfs could not be filled from archive '${archive.name}'`, async () => {
      isOverlaid =
        mayBeOverlaid(definition) && (await archives.overlay?.(archive, overlayPlaces(path))) === true
      if (!isOverlaid) await copyRootfs(archives, archive, join(path, 'rootfs'))
    })
  await step(name, 'its io directory could not be made', () => makeDirectory(join(path, 'io'), 0o755))
  await step(name, 'its config.json could not be written', () => {
    writeFileSync(join(path, 'config.json'), stringifyJson(spec, { indent: '\t' }), { flag: 'wx' })
    chmodSync(join(path, 'config.json'), 0o644)
  })
  return isOverlaid
}

function mayBeOverlaid({ isCopied, spec }: Definition): boolean {
  return isCopied === undefined && takesOverlay(spec)
}

async function copyRootfs(archives: BundleArchives, archive: Archive, rootfs: string): Promise<void> {
  await archives.populate(archive, rootfs)
  chmodSync(rootfs, 0o755)
}

/** Makes a directory with exactly this mode, whatever the process's file mode creation mask. */
function makeDirectory(path: string, mode: number): void {
  mkdirSync(path)
  chmodSync(path, mode)
}

async function step(name: string, failure: string, action: () => Promise<void> | void): Promise<void> {
  try {
    await action()
  } catch (cause) {
    throw new BundleBuildError(name, failure, cause)
  }
}

/** @returns its registration; undefined when another process was first, and this bundle was thrown away */
async function publish(
  { places, definition }: BuildPlan,
  built: string,
  isOverlaid: boolean,
): Promise<Registration | undefined> {
  const { name, path } = definition
  const mark = placeStamp(places, definition, built, isOverlaid)
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    // What its stamp says is known: to read it back took longer than to write it.
    if (renamedTo(built, path)) return { bundle: Object.freeze({ ...definition }), mark, isOverlaid }
    if (findRegistration(places, name) !== undefined) {
      await discard(places, built)
      return undefined
    }
    await clear(places, name)
  }
  throw new BundleBuildError(name, `${path} is filled again as fast as it is cleared`, undefined)
}

/**
 * Stamps the built directory. Nobody looks for this stamp before the directory has its name, so it may be written in its
 * place; and as long as the directory is aside, whoever removes it knows of the stamp.
 *
 * @returns by what to recognise the bundle later
 */
function placeStamp(places: Places, definition: Definition, built: string, isOverlaid: boolean): string {
  const { name } = definition
  const directory = lstatSync(built, { bigint: true })
  writeStamp(join(places.stamps, stampName(name, directory.ino)), definition, { directory, isOverlaid })
  return markOf(places, name, directory.ino) ?? 'gone'
}

/** rename(2) puts a directory in the place of nothing or of an empty directory only. */
function renamedTo(built: string, path: string): boolean {
  try {
    renameSync(built, path)
    return true
  } catch (error) {
    if (isFileError(error, 'ENOTEMPTY', 'EEXIST', 'ENOTDIR')) return false
    if (isFileError(error, 'EBUSY')) throw new BundleMountedError(path, [path])
    throw error
  }
}

/**
 * Empties a directory that has a bundle's name but is no registered bundle. It is emptied through an open descriptor:
 * should a bundle be put in its place meanwhile, that one is not touched.
 */
async function clear(places: Places, name: string): Promise<void> {
  const path = join(places.directory, name)
  refuseMounted(path)
  const directory = openBundleDirectory(places, name)
  if (directory === undefined) return refuseOther(name, path)
  try {
    if (stampOf(places, name, directory) !== undefined) return
    rmSync(join(places.stamps, stampName(name, directory.stats.ino)), { force: true })
    await removeContent(places, `/proc/self/fd/${directory.descriptor}`)
  } finally {
    closeSync(directory.descriptor)
  }
}

async function removeContent(places: Places, directory: string): Promise<void> {
  const removed = pathAside(places, '')
  mkdirSync(removed, { mode: 0o700 })
  for (const [position, name] of readdirSync(directory, { encoding: 'buffer' }).entries()) {
    const target = join(removed, String(position))
    moveEntry(Buffer.concat([Buffer.from(`${directory}/`), name]), Buffer.from(target))
  }
  await discard(places, removed)
}

/** A file or a link was put there by a person, and is not a bundle that somebody forgot. */
function refuseOther(name: string, path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return
  throw new BundleBuildError(name, `${path} is not a directory; move it out of the way`, undefined)
}
