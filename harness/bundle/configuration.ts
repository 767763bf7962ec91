import { type DeepReadonly, JsonUnrepresentableError, type Spec } from '../spec/index.ts'
import type { SpecFilter } from './bundle.ts'
import { BundleSpecError } from './errors.ts'
import { frozenCopy } from './plain-copy.ts'

/** A process for a reference spec without one: what is left after arguments and terminal is required by config.md. */
const plainProcess = { cwd: '/', user: { uid: 0, gid: 0 } }

/**
 * The reference spec with these arguments and no terminal, after which the filter has the last word.
 *
 * @param name the bundle's, for messages.
 * @param reference is copied, not changed.
 * @throws BundleSpecError when the filter gives something that cannot be written as a configuration; what the filter
 * throws.
 */
export async function filteredSpec(
  name: string,
  reference: Spec,
  args: readonly string[],
  filter: SpecFilter | undefined,
): Promise<DeepReadonly<Spec>> {
  const spec = structuredClone(reference)
  spec.process = { ...plainProcess, ...spec.process, args: [...args], terminal: false }
  return plainSpec(name, (await filter?.(spec)) ?? spec)
}

function plainSpec(name: string, filtered: unknown): DeepReadonly<Spec> {
  const spec = plain(name, filtered)
  if (isConfiguration(spec)) return spec
  throw new BundleSpecError(name, `its filter must return a configuration or nothing, not ${typeof spec}`)
}

function plain(name: string, filtered: unknown): unknown {
  try {
    return frozenCopy(filtered)
  } catch (cause) {
    if (!(cause instanceof JsonUnrepresentableError)) throw cause
    throw new BundleSpecError(name, cause.message, { cause })
  }
}

/**
 * Whether plain data can be taken for a configuration. Its members are not looked at: some tests are about what
 * runtimes do with a configuration that no schema allows.
 */
export function isConfiguration(value: unknown): value is DeepReadonly<Spec> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
