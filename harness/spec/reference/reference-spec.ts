import { stringifyJson } from '../json/stringify.ts'
import type { Namespace } from '../schema/linux.ts'
import type { OldSpec } from '../schema/old-spec.ts'
import type { Spec } from '../schema/spec.ts'
import { ociArchitecture } from '../tables/architectures.ts'
import * as parts from './parts.ts'
import {
  type CurrentProfile,
  capabilitySets,
  type ProfileTraits,
  profiles,
  type ReferenceProfile,
} from './profile.ts'
import { crunRootless, type Owner, runcRootless } from './rootless.ts'

/** Which reference configuration is wanted. */
export interface ReferenceOptions {
  readonly profile: CurrentProfile
  /** How the host's cgroups are laid out: only on `v2` does the container get a cgroup namespace. */
  readonly cgroup: 'v1' | 'v2' | 'hybrid'
  /** The form for unprivileged users; for this process's user, or the one with these ids. */
  readonly rootless?: boolean | Owner | undefined
  /** In place of the profile's own version. */
  readonly ociVersion?: string | undefined
}

/** Which reference configuration is wanted: the one of runc at specification 1.0.0-rc3. */
export interface OldReferenceOptions {
  readonly profile: 'runc-1.0.0-rc3'
  /** In place of this machine's, as the OCI names it. */
  readonly architecture?: string | undefined
}

function namespaces({ family }: ProfileTraits, cgroup: ReferenceOptions['cgroup']): Namespace[] {
  const types = [...parts.namespaces]
  if (cgroup === 'v2') types.splice(family === 'runc' ? types.length : -1, 0, 'cgroup')
  return types.map((type) => ({ type }))
}

function rooted(traits: ProfileTraits, { cgroup, ociVersion = traits.ociVersion }: ReferenceOptions): Spec {
  return {
    ociVersion,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: [...parts.env],
      cwd: '/',
      capabilities: capabilitySets(traits),
      rlimits: [{ ...parts.fileLimit }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: traits.family,
    mounts: parts.mounts(),
    linux: {
      resources: { devices: [{ ...parts.denyAllDevices }] },
      namespaces: namespaces(traits, cgroup),
      maskedPaths: [...parts.maskedPaths],
      readonlyPaths: [...parts.readonlyPaths],
    },
  }
}

function thisUser(): Owner {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
}

function current(options: ReferenceOptions): Spec {
  const traits = profiles[options.profile]
  const spec = rooted(traits, options)
  if (!options.rootless) return spec
  if (traits.family === 'crun') return crunRootless(spec)
  return runcRootless(spec, options.rootless === true ? thisUser() : options.rootless)
}

/** As Go printed it then: structures that were not pointers show although they are empty. */
function oldest({ architecture = ociArchitecture() }: OldReferenceOptions): OldSpec {
  return {
    ociVersion: '1.0.0-rc3',
    platform: { os: 'linux', arch: architecture },
    process: {
      terminal: true,
      consoleSize: { height: 0, width: 0 },
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: [...parts.env],
      cwd: '/',
      capabilities: [...parts.capabilities],
      rlimits: [{ ...parts.fileLimit }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'runc',
    mounts: parts.mounts(),
    hooks: {},
    linux: {
      resources: { devices: [{ ...parts.denyAllDevices }] },
      namespaces: parts.namespaces.map((type) => ({ type })),
      maskedPaths: [
        '/proc/kcore',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/proc/sched_debug',
        '/sys/firmware',
      ],
      readonlyPaths: [
        '/proc/asound',
        '/proc/bus',
        '/proc/fs',
        '/proc/irq',
        '/proc/sys',
        '/proc/sysrq-trigger',
      ],
    },
  }
}

/**
 * The configuration a runtime's own `spec` command starts people off with, without needing the runtime. Members are in
 * the runtime's order.
 */
export function referenceSpec(options: ReferenceOptions): Spec
export function referenceSpec(options: OldReferenceOptions): OldSpec
export function referenceSpec(options: ReferenceOptions | OldReferenceOptions): Spec | OldSpec {
  return options.profile === 'runc-1.0.0-rc3' ? oldest(options) : current(options)
}

/** crun prints a hand-laid text: an empty list takes two lines, and there is a newline at the end. */
function crunText(text: string, profile: ReferenceProfile): string {
  const laidOut = `${text.replaceAll(/^(\t*)(.*)\[\]/gm, '$1$2[\n$1]')}\n`
  if (profile === 'crun') return laidOut
  // Until 1.8 the text had stray blanks: before the first brace, and behind the namespaces it put in.
  return `  ${laidOut.replaceAll(/("type": "(?:user|cgroup)"\n)(\t*\})/g, '$1 $2')}`
}

/** The same as text: byte for byte what the runtime writes to `config.json`. */
export function referenceSpecText(options: ReferenceOptions | OldReferenceOptions): string {
  const { profile } = options
  const spec = profile === 'runc-1.0.0-rc3' ? oldest(options) : current(options)
  const text = stringifyJson(spec, { indent: '\t' })
  return profile.startsWith('crun') ? crunText(text, profile) : text
}
