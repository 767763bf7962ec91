import { lstatSync } from 'node:fs'
import { join, normalize } from 'node:path'
import * as v from 'valibot'
import type { DeepReadonly, Spec } from '../spec/index.ts'

/** A configuration as far as it says whether its root file system is only read. Anything else of it does not matter. */
const readingSchema = v.object({
  root: v.object({ path: v.literal('rootfs'), readonly: v.literal(true) }),
  process: v.object({ cwd: v.string() }),
  mounts: v.array(
    v.object({
      destination: v.string(),
      type: v.optional(v.string()),
      options: v.optional(v.array(v.string())),
    }),
  ),
  linux: v.object({
    namespaces: v.array(v.object({ type: v.string(), path: v.optional(v.string()) })),
    rootfsPropagation: v.optional(v.undefined()),
    mountLabel: v.optional(v.undefined()),
  }),
})

type ReadingSpec = v.InferOutput<typeof readingSchema>

/**
 * Whether a container of this configuration can do nothing but read its root file system, of which it is only known
 * where the reference spec has it: it is read-only, in a mount namespace of its own, of the host's users.
 */
export function onlyReadsRoot(spec: DeepReadonly<Spec>): boolean {
  const reading = readingOf(spec)
  if (reading === undefined) return false
  const { namespaces } = reading.linux
  const hasOwnMounts = namespaces.some(({ type, path }) => type === 'mount' && path === undefined)
  return hasOwnMounts && !namespaces.some(({ type }) => type === 'user')
}

/**
 * Whether a root file system has all the directories that the runtime would have to make in it otherwise: those of the
 * mounts, of the devices and of the process.
 */
export function hasPlacesFor(spec: DeepReadonly<Spec>, rootfs: string): boolean {
  const reading = readingOf(spec)
  if (reading === undefined) return false
  const destinations = reading.mounts.map(({ destination }) =>
    normalize(destination).replace(/(?<=.)\/$/, ''),
  )
  // gVisor makes the place of a bind mount in the root file system, whatever is mounted over it.
  const before = (position: number) =>
    isBindMount(reading.mounts[position]) ? [] : destinations.slice(0, position)
  return (
    destinations.includes('/dev') &&
    !destinations.includes('/') &&
    destinations.every((place, position) => isThere(place, rootfs, before(position))) &&
    isThere(normalize(reading.process.cwd), rootfs, destinations)
  )
}

/** The configuration with its root file system at another place. */
export function withRootAt(rootfs: string, spec: DeepReadonly<Spec>): DeepReadonly<Spec> {
  return Object.freeze({ ...spec, root: Object.freeze({ ...spec.root, path: rootfs }) })
}

function isBindMount(mount: ReadingSpec['mounts'][number] | undefined): boolean {
  return mount?.type === 'bind' || (mount?.options ?? []).some((option) => ['bind', 'rbind'].includes(option))
}

function readingOf(spec: DeepReadonly<Spec>): ReadingSpec | undefined {
  const { success, output } = v.safeParse(readingSchema, spec)
  return success ? output : undefined
}

/** Whether a path is on a mount that was made before, or leads through plain directories of the root file system. */
function isThere(path: string, rootfs: string, mounted: readonly string[]): boolean {
  if (!path.startsWith('/')) return false
  if (mounted.some((place) => `${path}/`.startsWith(`${place}/`))) return true
  const steps = path.split('/').filter((step) => step !== '')
  return steps.every((_, depth) => isDirectory(join(rootfs, ...steps.slice(0, depth + 1))))
}

function isDirectory(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
