import type { Session } from '../guard/index.ts'
import { profileNamed, type ResolvedRuntime, RuntimeError, resolveRuntime } from '../runtime/index.ts'
import type { RuntimeUnderTest } from './environment.ts'

/**
 * Finds out what results say about a runtime. The version of the specification is the newest one that its
 * `features` claims, else the one that `--version` names.
 *
 * @param runtime a profile's name, the path of a program, or what `resolveRuntime` made of it
 * @throws RuntimeNotFoundError; RuntimeError when it could not be started
 */
export async function describeRuntime(
  session: Session,
  runtime: string | ResolvedRuntime,
): Promise<RuntimeUnderTest> {
  const resolved = typeof runtime === 'string' ? await resolveRuntime(runtime) : runtime
  const known = describeResolved(resolved)
  return { ...known, specVersion: (await newestSpecVersion(session, resolved)) ?? known.specVersion }
}

/** What results say about a runtime that did not come to run: what its `--version` tells. */
export function describeResolved(resolved: ResolvedRuntime): RuntimeUnderTest {
  const { name, command, profile, version, lacks } = resolved
  return {
    name,
    command,
    profile,
    version: version?.version,
    specVersion: version?.spec,
    lacks,
    leaves: profileNamed(profile)?.leaves ?? [],
  }
}

async function newestSpecVersion(session: Session, resolved: ResolvedRuntime): Promise<string | undefined> {
  if (resolved.lacks.includes('features')) return undefined
  const runtime = await session.runtime(resolved)
  try {
    return (await runtime.features()).ociVersionMax
  } catch (error) {
    // A runtime without the command, or with an answer that is none, says nothing about its version; one that could not
    // be started says that no run can take place.
    if (error instanceof RuntimeError && error.code !== 'RUNTIME_NOT_STARTED') return undefined
    throw error
  } finally {
    await session.closeRuntime(runtime)
  }
}
