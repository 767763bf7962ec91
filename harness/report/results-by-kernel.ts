import { toldFrom } from './elsewhere.ts'
import { mergeResults } from './merge-results.ts'
import type { Results, RuntimeResult } from './results.ts'

/** What one command line found out on one of its kernels. */
export interface KernelResults {
  /** As `--kernel` takes it. */
  readonly kernel: string
  /** Where they were written, from the directory that all of them are put together in. */
  readonly directory: string
  readonly results: Results
}

/**
 * Puts what one command line found out on several kernels, one after the other, side by side: every runtime is there
 * once for each kernel, by a name that says which, and with the host that it ran on. The host of the whole is the first.
 *
 * @throws ResultsError when there are none, or two of the same kernel
 */
export function resultsByKernel(parts: readonly KernelResults[]): Results {
  const merged = mergeResults(
    parts.map(({ kernel, directory, results }) => ({
      name: directory,
      results: toldFrom(directory, namedByKernel(kernel, results)),
    })),
  )
  const shard = parts[0]?.results.shard
  return {
    ...merged,
    wallMs: parts.reduce((sum, { results }) => sum + results.wallMs, 0),
    ...(shard === undefined ? {} : { shard }),
  }
}

/** These results in words that no other kernel has. The shard is one of the whole, which has all of its kernels. */
function namedByKernel(kernel: string, { shard: _shard, ...results }: Results): Results {
  const { host } = results
  const nameOf = (runtime: string): string => `${runtime} on ${host.kernel}`
  return {
    ...results,
    runtimes: results.runtimes.map((runtime): RuntimeResult => {
      const { name } = runtime
      return { ...runtime, name: nameOf(name), host, given: { runtime: name, kernel } }
    }),
    tests: results.tests.map((test) => ({ ...test, runtime: nameOf(test.runtime) })),
    requirements: results.requirements.map((verdict) => ({ ...verdict, runtime: nameOf(verdict.runtime) })),
    errors: results.errors.map((error) => `on ${host.kernel}: ${error}`),
  }
}
