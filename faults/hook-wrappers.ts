/** Hooks that are run in another way than the configuration says, by a shell between the runtime and each of them. */
import { join } from 'node:path'
import { type CommandDraft, configuration, type Effect } from '../harness/fault/index.ts'
import { changing, type Hook, type HookKind, type Spec } from '../harness/spec/index.ts'

/**
 * Every hook of these kinds is run by a shell, whose script has the hook's program and arguments as `"$0" "$@"` and its
 * environment and standard input.
 *
 * @param scriptOf gives the script, for the position of the hook in its list
 */
export function hooksWrapped(
  kinds: readonly HookKind[],
  scriptOf: string | ((position: number) => string),
): Effect {
  return hooksChanged(kinds, (hook, position) => {
    const script = typeof scriptOf === 'string' ? scriptOf : scriptOf(position)
    hook.args = ['sh', '-c', script, hook.path, ...(hook.args?.slice(1) ?? [])]
    hook.path = '/bin/sh'
  })
}

/** Every hook of these kinds with a change made in place. */
export function hooksChanged(
  kinds: readonly HookKind[],
  change: (hook: Hook, position: number) => void,
): Effect {
  return configuration(
    changing(({ hooks = {} }) => {
      for (const kind of kinds) hooks[kind]?.forEach(change)
    }),
  )
}

/** The lists of hooks with a change made in place. */
export function hookListsChanged(change: (hooks: NonNullable<Spec['hooks']>) => void): Effect {
  return configuration(
    changing(({ hooks }) => {
      if (hooks !== undefined) change(hooks)
    }),
  )
}

/** An effect that is given the path of a file by which hooks and commands of one container can tell each other something. */
export function marking(effectOf: (marker: string) => Effect): Effect {
  return (draft: CommandDraft) => {
    if (draft.id !== undefined) effectOf(join(draft.notes, `marker-of-${draft.id}`))(draft)
  }
}

/** Edits the state on the standard input of hooks with `sed`. */
export function withState(kinds: readonly HookKind[], expression: string): Effect {
  return hooksWrapped(kinds, `/bin/sed '${expression}' | "$0" "$@"`)
}
