import type { Results } from './results.ts'

/** How long each test took on all runtimes together, in milliseconds by test id: what shards are balanced by. */
export function durationsOf({ tests }: Results): Record<string, number> {
  const durations: Record<string, number> = {}
  for (const { id, durationMs } of tests) durations[id] = (durations[id] ?? 0) + durationMs
  return durations
}
