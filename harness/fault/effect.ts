import * as v from 'valibot'
import { changing, type Edit, type LinuxResources, parseSpec, resourcesSchema } from '../spec/index.ts'
import type { CommandDraft, ProcessChange, TextEdit } from './command-draft.ts'
import { type DocumentChange, editedDocument, editedObjects } from './edited-document.ts'
import type { CallOption, Verb } from './runtime-call.ts'

/**
 * What a faulty runtime does to a command. It is asked once for every command and says by changing the draft what is to
 * become of it. Effects are made by the functions of this file, and joined by `all`, `when` and their kin.
 */
export type Effect = (draft: CommandDraft) => void

/** One verb or several. */
export type Verbs = Verb | readonly Verb[]

// What a command is given

/** The configuration is another than the bundle has, for whatever makes a container: `changing(…)`, `withHostname(…)`. */
export function configuration(edit: Edit): Effect {
  return configurationText(editedDocument((text) => parseSpec(text, { semantics: false }), edit))
}

/** As `configuration`, on plain JSON: for configurations that have not the shape of one. */
export function configurationDocument(change: DocumentChange): Effect {
  return configurationText(editedObjects(change))
}

/** As `configuration`, on the text of the document: for what is no JSON. Bytes that are no UTF-8 are U+FFFD in it. */
export function configurationText(edit: TextEdit): Effect {
  return on(['create', 'run', 'restore'], (draft) => void draft.configuration.push(edit))
}

/** The process that `exec` starts is another than it was told. The container's first process is as it should be. */
export function executedProcess(change: ProcessChange): Effect {
  return on('exec', (draft) => void draft.process.push(change))
}

/** Every process is another than it should be: the container's first, and those that `exec` starts. */
export function everyProcess(change: ProcessChange): Effect {
  const edit = changing(({ process }) => {
    if (process !== undefined) change(process)
  })
  return all(configuration(edit), executedProcess(change))
}

/** The resources that `update` is given are others. */
export function updatedResources(change: (resources: LinuxResources) => void): Effect {
  const edit = editedObjects((document) => {
    if (v.is(resourcesSchema, document)) change(document)
  })
  return on('update', (draft) => void draft.resources.push(edit))
}

/** The options of a verb are others, such as without `--force`. */
export function options(
  verbs: Verbs,
  edit: (options: readonly CallOption[]) => readonly CallOption[],
): Effect {
  return on(verbs, (draft) => {
    draft.options = edit(draft.options)
  })
}

/** What follows the options of a verb is other: the container's id, the signal of `kill`, the command of `exec`. */
export function operands(verbs: Verbs, edit: (operands: readonly string[]) => readonly string[]): Effect {
  return on(verbs, (draft) => {
    draft.operands = edit(draft.operands)
  })
}

// What a command answers

/** What a command prints is changed. The command must print and end: a container's own output has to stay a stream. */
export function output(verbs: Verbs, edit: TextEdit): Effect {
  return on(verbs, (draft) => void draft.output.push(edit))
}

/** The JSON object that a command prints is changed in place; of a list, each. What is no JSON stays as it is. */
export function answer(verbs: Verbs, change: DocumentChange): Effect {
  return output(verbs, editedObjects(change))
}

/** A command exits with another status. */
export function status(verbs: Verbs, map: (code: number) => number): Effect {
  return on(verbs, (draft) => void draft.status.push(map))
}

// What is done

/** A command does nothing and says that it went well. */
export function skip(verbs: Verbs): Effect {
  return program(verbs, 'exit 0')
}

/** A command is done twice; the second time decides how it ends. */
export function repeat(verbs: Verbs): Effect {
  return program(verbs, '"$REAL" "$@"; exec "$REAL" "$@"')
}

/**
 * A shell script takes the place of a command. It has `"$REAL" "$@"`, the real runtime with the command's words, and
 * the variables of `before`.
 */
export function program(verbs: Verbs | 'all', script: string): Effect {
  const replace: Effect = (draft) => {
    draft.instead = script
  }
  return verbs === 'all' ? when(({ verb }) => verb !== '' && verb !== 'spec', replace) : on(verbs, replace)
}

/**
 * Shell text runs before a command, in the shell that then becomes the runtime: it may also set variables, redirect
 * streams or change limits. It has `$REAL` (the real runtime), `$ROOT` (where that keeps its state), `$ID` and
 * `$BUNDLE`; `$NOTES`, a directory where it may remember things of the containers of that root; and, where it names it,
 * `$PID`, the container's first process.
 */
export function before(verbs: Verbs, script: string): Effect {
  return on(verbs, (draft) => void draft.before.push(script))
}

/** Shell text runs after a command that went well, with the variables of `before`; the command's status stays. */
export function after(verbs: Verbs, script: string): Effect {
  return on(verbs, (draft) => void draft.after.push(script))
}

// When

/** Several effects at once, one after the other. */
export function all(...effects: readonly Effect[]): Effect {
  return (draft) => {
    for (const effect of effects) effect(draft)
  }
}

/** An effect that shows only with some commands. */
export function when(condition: (draft: CommandDraft) => boolean, effect: Effect): Effect {
  return (draft) => {
    if (condition(draft)) effect(draft)
  }
}

/** An effect that shows only when a verb is given to a container for the `count`th time, from 1. */
export function onCall(verb: Verb, count: number, effect: Effect): Effect {
  const earlier = ({ verbs }: CommandDraft['history']) => verbs.filter((one) => one === verb).length
  return when((draft) => draft.verb === verb && earlier(draft.history) === count - 1, effect)
}

/** An effect that shows only once a container was given a verb: right at first, and wrong after `pause`. */
export function once(verb: Verb, effect: Effect): Effect {
  return when(({ history }) => history.verbs.includes(verb), effect)
}

function on(verbs: Verbs, effect: Effect): Effect {
  const names: readonly string[] = typeof verbs === 'string' ? [verbs] : verbs
  return when(({ verb }) => names.includes(verb), effect)
}
