import type { SpecFilter } from '../bundle/index.ts'
import { addNamespace } from '../spec/index.ts'

/**
 * What suites take for granted of a reference configuration: that a container has a network of its own. The one for
 * unprivileged users has none, as their engines set networks up in another way; the container's user may make one.
 */
export function onBaseline(filter: SpecFilter | undefined): SpecFilter | undefined {
  if (process.geteuid?.() === 0) return filter
  return async (spec) => {
    const whole = addNamespace('network')(spec)
    return (await filter?.(whole)) ?? whole
  }
}
