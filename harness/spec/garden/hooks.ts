import { type Hook, type HookKind, type Hooks, hookKinds } from '../schema/hooks.ts'
import type { DeepReadonly } from '../schema/readonly.ts'
import { isAbsolutePath } from './absolute-path.ts'
import { GardenHookError } from './errors.ts'

/**
 * A copy of a container's hooks, handed on whole and in order.
 *
 * @throws {GardenHookError} for a stage that does not exist, or a hook no runtime may take.
 */
export function passHooks(hooks: DeepReadonly<Hooks>): Hooks {
  const stages = Object.keys(hooks).map((stage) => checkStage(stage, 'hooks'))
  const copy: Hooks = {}
  for (const stage of stages) {
    copy[stage] = (hooks[stage] ?? []).map((hook, position) => copyHook(hook, `hooks.${stage}[${position}]`))
  }
  return copy
}

/**
 * Whether a word is one of the six stages of the lifecycle.
 *
 * @param where What named it, for the error.
 * @throws {GardenHookError} when it is not.
 */
export function checkStage(stage: string, where: string): HookKind {
  const known = hookKinds.find((kind) => kind === stage)
  if (known === undefined) {
    throw new GardenHookError(`${where}: unknown stage '${stage}': the stages are ${hookKinds.join(', ')}`)
  }
  return known
}

/**
 * A hook of its own, with whatever else the original has.
 *
 * @param where What declared it, for the error.
 * @throws {GardenHookError} when its path is not absolute, or its timeout is no time (config.md, POSIX-platform hooks).
 */
export function copyHook(hook: DeepReadonly<Hook>, where: string): Hook {
  const { args, env, ...rest } = hook
  if (!isAbsolutePath(rest.path)) {
    throw new GardenHookError(`${where}: the path of a hook must be absolute: '${rest.path}'`)
  }
  if (rest.timeout !== undefined && !(Number.isSafeInteger(rest.timeout) && rest.timeout > 0)) {
    throw new GardenHookError(`${where}: the timeout of a hook is whole seconds, at least 1: ${rest.timeout}`)
  }
  return { ...rest, ...(args && { args: [...args] }), ...(env && { env: [...env] }) }
}
