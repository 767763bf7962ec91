import { type HostNeed, isCgroupNeed, probeNeed } from '../host/index.ts'
import type { RuntimeFeature } from '../runtime/index.ts'

/** What a test requires: something of the host, or something of the runtime that the spec does not demand. */
export type Need = HostNeed | `runtime:${RuntimeFeature}`

/** Whether a need is met, and if not, why and what to do about it. */
export type NeedVerdict =
  | { readonly met: true }
  | { readonly met: false; readonly reason: string; readonly remedy: string }

/**
 * Looks whether the needs of a test are met: those of the host by doing once what they name, those of the
 * runtime from its profile.
 *
 * @returns the first need that is not met, or `undefined`
 */
export async function firstUnmetNeed(
  needs: readonly Need[],
  runtime: { readonly name: string; readonly lacks: readonly string[] },
): Promise<{ readonly need: Need; readonly reason: string; readonly remedy: string } | undefined> {
  for (const need of needs.flatMap(withWhatItTakes)) {
    const verdict = await probe(need, runtime)
    if (!verdict.met) return { need, reason: verdict.reason, remedy: verdict.remedy }
  }
  return undefined
}

/** A limit of a cgroup can be looked for only where the runtime makes one. */
function withWhatItTakes(need: Need): readonly Need[] {
  return isCgroupNeed(need) ? ['runtime:rootless-cgroup', need] : [need]
}

async function probe(
  need: Need,
  runtime: { readonly name: string; readonly lacks: readonly string[] },
): Promise<NeedVerdict> {
  if (!isRuntimeNeed(need)) return await probeNeed(need)
  const feature = need.slice(runtimePrefix.length)
  const isOrdinaryUser = process.geteuid?.() !== 0
  const isRootless = feature.startsWith(rootlessPrefix)
  if (!runtime.lacks.includes(feature) || (isRootless && !isOrdinaryUser)) return { met: true }
  return {
    met: false,
    reason: `${runtime.name} does not offer '${feature}'`,
    remedy: `run the test ${isRootless ? 'as root, or ' : ''}on a runtime or version that does`,
  }
}

const runtimePrefix = 'runtime:'

/** What begins so is asked of a runtime that an ordinary user runs, and of no other. */
const rootlessPrefix = 'rootless-'

function isRuntimeNeed(need: Need): need is `runtime:${RuntimeFeature}` {
  return need.startsWith(runtimePrefix)
}
