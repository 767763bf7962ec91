import { RunwrightError } from '../../host/index.ts'
import { type JsonPath, parsePath } from '../json/path.ts'
import { setMember } from '../json/value.ts'
import { changing, type Edit } from './edit.ts'

/** A path that cannot be followed in a configuration. */
export class InvalidPathError extends RunwrightError {
  override readonly code = 'INVALID_PATH'
}

function stepsOf(path: string | JsonPath): JsonPath {
  const steps = typeof path === 'string' ? parsePath(path) : path
  if (steps === undefined || steps.length === 0) {
    throw new InvalidPathError(`${JSON.stringify(path)} is no path: write it like process.rlimits[0].type`)
  }
  return steps
}

/** What stands at a step; made if it is missing, a list when a number follows. */
function enter(container: object, step: string | number, next: string | number): object {
  const inner: unknown = Object.hasOwn(container, step) ? Reflect.get(container, step) : undefined
  if (typeof inner === 'object' && inner !== null) return inner
  const made = typeof next === 'number' ? [] : {}
  setMember(container, String(step), made)
  return made
}

/** The container of the last step, if there is one. */
function find(container: object, steps: JsonPath): object | undefined {
  return steps.slice(0, -1).reduce<object | undefined>((inner, step) => {
    const next: unknown =
      inner !== undefined && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined
    return typeof next === 'object' && next !== null ? next : undefined
  }, container)
}

/**
 * Sets any part to any value, also to one the types do not allow: for tests of what a runtime must refuse. Objects and
 * lists on the way are made when they are missing.
 *
 * Throws `InvalidPathError` for a text that is no path.
 *
 * @param path such as `process.rlimits[0].type`, or its steps.
 */
export function withValue(path: string | JsonPath, value: unknown): Edit {
  const steps = stepsOf(path)
  return changing((draft) => {
    const container = steps
      .slice(0, -1)
      .reduce<object>((inner, step, depth) => enter(inner, step, steps[depth + 1] ?? ''), draft)
    setMember(container, String(steps.at(-1)), structuredClone(value))
  })
}

/**
 * Takes any part out, also a required one; later items of a list move up. Does nothing when it is not there.
 *
 * Throws `InvalidPathError` for a text that is no path.
 *
 * @param path such as `process.cwd` or `mounts[0]`, or its steps.
 */
export function withoutValue(path: string | JsonPath): Edit {
  const steps = stepsOf(path)
  const last = steps.at(-1) ?? ''
  return changing((draft) => {
    const container = find(draft, steps)
    if (Array.isArray(container)) container.splice(Number(last), Object.hasOwn(container, last) ? 1 : 0)
    else if (container !== undefined) Reflect.deleteProperty(container, last)
  })
}
