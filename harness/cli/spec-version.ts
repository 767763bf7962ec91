import * as v from 'valibot'
import { runTool } from '../host/index.ts'
import { resolveRuntime } from '../runtime/index.ts'

const claim = v.pipe(v.string(), v.parseJson(), v.object({ ociVersionMax: v.string() }))

/** The newest version of the specification that a runtime claims to implement, by `features` or else `--version`. */
export async function specVersionOf(path: string): Promise<string | undefined> {
  const features = v.safeParse(
    claim,
    await runTool([path, 'features'], { timeoutMs: 10_000 }).catch(() => ''),
  )
  return features.success ? features.output.ociVersionMax : (await resolveRuntime(path)).version?.spec
}
