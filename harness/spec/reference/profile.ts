import type { CapabilitySets } from '../schema/process.ts'
import { capabilities } from './parts.ts'

/** A form a reference configuration has had. */
export type ReferenceProfile = CurrentProfile | 'runc-1.0.0-rc3'

/** A form that today's runtimes print. */
export type CurrentProfile = 'runc-1.0' | 'runc-1.1' | 'runc-1.2' | 'crun-1.8' | 'crun'

/** What distinguishes a profile. */
export interface ProfileTraits {
  readonly family: 'runc' | 'crun'
  /** The version upstream prints; distributions build runc against others. */
  readonly ociVersion: string
  /** Which capability sets are printed, and in which of them there is anything. */
  readonly capabilities: (names: string[]) => CapabilitySets
}

/** All profiles but the oldest. */
export const profiles: Readonly<Record<CurrentProfile, ProfileTraits>> = {
  // Up to 1.1.1, before CVE-2022-29162, the inheritable set was filled too.
  'runc-1.0': {
    family: 'runc',
    ociVersion: '1.0.2-dev',
    capabilities: (names) => ({
      bounding: names,
      effective: names,
      inheritable: names,
      permitted: names,
      ambient: names,
    }),
  },
  'runc-1.1': {
    family: 'runc',
    ociVersion: '1.0.2-dev',
    capabilities: (names) => ({ bounding: names, effective: names, permitted: names, ambient: names }),
  },
  'runc-1.2': {
    family: 'runc',
    ociVersion: '1.2.0',
    capabilities: (names) => ({ bounding: names, effective: names, permitted: names }),
  },
  'crun-1.8': { family: 'crun', ociVersion: '1.0.0', capabilities: crunCapabilities },
  crun: { family: 'crun', ociVersion: '1.0.0', capabilities: crunCapabilities },
}

/** Every profile, the newest of each runtime first. */
export const referenceProfiles: readonly ReferenceProfile[] = [
  'runc-1.2',
  'runc-1.1',
  'runc-1.0',
  'runc-1.0.0-rc3',
  'crun',
  'crun-1.8',
]

function crunCapabilities(names: string[]): CapabilitySets {
  return { bounding: names, effective: names, inheritable: [], permitted: names, ambient: names }
}

/** The capabilities of a profile's process. */
export function capabilitySets({ capabilities: fill }: ProfileTraits): CapabilitySets {
  return structuredClone(fill([...capabilities]))
}

/** From which version on a program prints which profile, newest first. */
const introductions: readonly (readonly [program: string, version: string, profile: CurrentProfile])[] = [
  ['runc', '1.2.0', 'runc-1.2'],
  ['runc', '1.1.2', 'runc-1.1'],
  ['runc', '1.0.0', 'runc-1.0'],
  ['crun', '1.9.0', 'crun'],
  ['crun', '0.0.0', 'crun-1.8'],
]

function compareVersions(left: string, right: string): number {
  const numbers = (version: string) => (version.match(/\d+/g) ?? []).map(Number)
  const [a, b] = [numbers(left), numbers(right)]
  const difference = [0, 1, 2].find((part) => (a[part] ?? 0) !== (b[part] ?? 0))
  return difference === undefined ? 0 : (a[difference] ?? 0) - (b[difference] ?? 0)
}

/**
 * The profile a runtime prints; `undefined` for a program or a version of which nothing is known.
 *
 * @param program `runc` or `crun`.
 * @param version as `--version` prints it, such as `1.1.5+ds1`.
 */
export function profileOf(program: string, version: string): CurrentProfile | undefined {
  const match = introductions.find(
    ([name, since]) => name === program && compareVersions(version, since) >= 0,
  )
  return match?.[2]
}
