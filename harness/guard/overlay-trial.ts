import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OverlayPlaces } from '../bundle/index.ts'
import { unmount } from '../host/index.ts'

/** Mounts an overlay of a directory, and tells whether it could. */
export type MountLayers = (lower: string, places: OverlayPlaces) => boolean

/**
 * Whether overlays can be mounted in a directory and behave like copies there, tried on a small one: the kernel mounts
 * some on file systems that lack what they need, and lets them fail at what needs it.
 *
 * @param directory in which the small one is made for a moment
 */
export function overlaysAreLikeCopies(directory: string, mountLayers: MountLayers): boolean {
  const trial = join(directory, `.overlay-trial.${process.pid}`)
  const lower = join(trial, 'lower')
  const places = { rootfs: join(trial, 'rootfs'), layers: join(trial, 'layers') }
  try {
    makeTree(lower)
    return mountLayers(lower, places) && showsCopy(places.rootfs) && isUntouched(lower)
  } catch {
    return false // whatever an overlay fails at here is to be had of a copy
  } finally {
    removeTrial(trial, places)
  }
}

function makeTree(root: string): void {
  mkdirSync(join(root, 'directory/inner'), { recursive: true })
  writeFileSync(join(root, 'file'), 'lower')
  linkSync(join(root, 'file'), join(root, 'link'))
}

/** Two names of a file stay that, a directory can be renamed, and another that gets its name is empty. */
function showsCopy(root: string): boolean {
  const directory = join(root, 'directory')
  writeFileSync(join(root, 'file'), 'upper')
  renameSync(directory, join(root, 'renamed'))
  mkdirSync(directory)
  return (
    readFileSync(join(root, 'link'), 'utf8') === 'upper' &&
    readdirSync(join(root, 'renamed')).length === 1 &&
    readdirSync(directory).length === 0
  )
}

function isUntouched(root: string): boolean {
  return readFileSync(join(root, 'link'), 'utf8') === 'lower' && readdirSync(root).length === 3
}

function removeTrial(trial: string, { rootfs }: OverlayPlaces): void {
  try {
    unmount(rootfs, 'at once')
  } catch {
    // It was not mounted.
  }
  rmSync(trial, { recursive: true, force: true })
}
