import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import type { DeepReadonly, Spec } from '../spec/index.ts'
import type { OverlayPlaces } from './bundle.ts'

/** Where a bundle's overlay is made. */
export function overlayPlaces(bundle: string): OverlayPlaces {
  return { rootfs: join(bundle, 'rootfs'), layers: join(bundle, 'overlay') }
}

/**
 * What a configuration must be like for its root file system to be an overlay: with users of its own, or with a label of
 * a security module for its files, a runtime may do to a copy what the kernel does not do to an overlay (an id-mapped
 * mount, for one); and the bundle's directory must not be the root itself, where the layers would show.
 */
const overlaidSchema = v.object({
  root: v.object({ path: v.literal('rootfs') }),
  linux: v.optional(
    v.object({
      namespaces: v.optional(v.array(v.object({ type: v.pipe(v.string(), v.notValue('user')) }))),
      mountLabel: v.optional(v.undefined()),
    }),
  ),
})

/** Whether the root file system of a container of this configuration may be an overlay. */
export function takesOverlay(spec: DeepReadonly<Spec>): boolean {
  return v.is(overlaidSchema, spec)
}

/** Whether a bundle's overlay is mounted, of one that was made with it: it shows in the device number. */
export function hasOverlay(bundle: string): boolean {
  const rootfs = lstatSync(overlayPlaces(bundle).rootfs, { throwIfNoEntry: false })
  return rootfs !== undefined && rootfs.dev !== lstatSync(bundle, { throwIfNoEntry: false })?.dev
}
