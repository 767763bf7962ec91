import type { ProcessSpec } from '../spec/index.ts'
import type { ContainerHistory } from './container-history.ts'
import type { CallOption } from './runtime-call.ts'

/** Gives a text with a change, or the same text. */
export type TextEdit = (text: string) => string

/** Changes a process in place. */
export type ProcessChange = (process: ProcessSpec) => void

/** What is known of one command that a faulty runtime was given. */
export interface CommandFacts {
  /** Empty where the command line names none, as in `--version`. */
  readonly verb: string
  /** Where the runtime keeps its containers' state; empty where the command does not say. */
  readonly root: string
  /** The container's; undefined where the command names none. */
  readonly id: string | undefined
  /** Absolute path of the container's bundle, where it is known. */
  readonly bundle: string | undefined
  /** What was asked about this container before. */
  readonly history: ContainerHistory
  /** A directory where nobody looks: the fault may keep there what it has to remember of the containers of this root. */
  readonly notes: string
}

/** What becomes of one command on its way to the real runtime. Effects change it; at first it changes nothing. */
export interface CommandDraft extends CommandFacts {
  globals: readonly CallOption[]
  options: readonly CallOption[]
  operands: readonly string[]
  /** Edits of the text of the bundle's config.json. */
  readonly configuration: TextEdit[]
  /** Changes to the process that `exec` is to start. */
  readonly process: ProcessChange[]
  /** Edits of the text that `update --resources` takes. */
  readonly resources: TextEdit[]
  /** Shell text that comes before the command. */
  readonly before: string[]
  /** Shell text that takes the command's place. */
  instead: string | undefined
  /** Shell text that comes after the command. */
  readonly after: string[]
  /** Edits of what the command prints. */
  readonly output: TextEdit[]
  /** Changes of the status that it exits with. */
  readonly status: ((code: number) => number)[]
}

/** A draft of a command that nothing happens to. */
export function untouched(
  facts: CommandFacts & Pick<CommandDraft, 'globals' | 'options' | 'operands'>,
): CommandDraft {
  return {
    ...facts,
    configuration: [],
    process: [],
    resources: [],
    before: [],
    instead: undefined,
    after: [],
    output: [],
    status: [],
  }
}
