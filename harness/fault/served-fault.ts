import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { shellQuote } from '../runtime/index.ts'
import { parseProcess, parseSpec, type Spec, stringifyJson } from '../spec/index.ts'
import { answerScript, isUntouched } from './answer-script.ts'
import { type CommandDraft, untouched } from './command-draft.ts'
import { beginnings, ContainerHistories } from './container-history.ts'
import type { EditedConfigurations } from './edited-configurations.ts'
import { editedDocument } from './edited-document.ts'
import { processOf } from './executed-process.ts'
import type { Fault } from './fault.ts'
import { type CallOption, parseCall, type RuntimeCall, valueIn, wordsOf } from './runtime-call.ts'

/** A command as a client tells of it. */
export interface AskedCommand {
  readonly workingDirectory: string
  readonly words: readonly string[]
  /** Holds what stood on its standard input, once that was asked for. */
  readonly input?: string
}

/** What a faulty runtime of a server shares with the others. */
export interface FaultSurroundings {
  /** Where files for clients go. */
  readonly directory: string
  /** Path of the real runtime. */
  readonly real: string
  readonly configurations: EditedConfigurations
  /** A number that no other command of the server has. */
  next(): number
}

/** One fault at work: what it has seen of every container, and how often it has shown. */
export class ServedFault {
  readonly fault: Fault
  /** How many commands were not what they should have been. */
  changes = 0
  /** What went wrong in the effect itself. */
  readonly errors: string[] = []
  readonly #surroundings: FaultSurroundings
  readonly #histories = new ContainerHistories()
  /** Roots that there is a directory for notes of. */
  readonly #noted = new Set<string>()
  /** Commands under way whose end is not the real runtime's. */
  readonly #underWay = new Map<number, CommandDraft>()

  constructor(fault: Fault, surroundings: FaultSurroundings) {
    this.fault = fault
    this.#surroundings = surroundings
  }

  /** What a client is to do about a command: one line of shell text. */
  begin(command: AskedCommand): string {
    const { real, next } = this.#surroundings
    const call = parseCall(command.words)
    const draft = this.#draft(call, command)
    const wantsInput = draft.resources.length > 0 && valueIn(draft.options, ...resourceOptions) === '-'
    const number = next()
    if (wantsInput && command.input === undefined) return this.#askForInput(number)
    const isEdited = this.#editConfiguration(draft)
    this.#editProcess(draft, command, number)
    this.#editResources(draft, command, number)
    const wanted = wordsOf({
      ...call,
      globals: draft.globals,
      options: draft.options,
      operands: draft.operands,
    })
    const parts = { real, given: command.words, wanted, printed: this.#file(number, 'printed'), number }
    const isSame = isUntouched(draft, parts)
    if (isEdited || (!isSame && draft.output.length + draft.status.length === 0)) this.changes += 1
    if (isSame) return `exec ${shellQuote([real])} "$@"`
    this.#underWay.set(number, draft)
    return this.#script(number, 'answer', answerScript(draft, parts))
  }

  /** What a client is to do once a command has ended with this status: one line of shell text. */
  end(number: number, code: number): string {
    const draft = this.#underWay.get(number)
    if (draft === undefined) throw new Error(`no command ${number} is under way`)
    this.#underWay.delete(number)
    const status = draft.status.reduce((before, map) => map(before), code)
    const printed = draft.output.length === 0 ? '' : readFileSync(this.#file(number, 'printed'), 'utf8')
    const edited = draft.output.reduce((text, edit) => edit(text), printed)
    if (status !== code || edited !== printed) this.changes += 1
    const text = draft.output.length === 0 ? '' : `cat ${shellQuote([this.#write(number, 'edited', edited)])}`
    return this.#script(number, 'end', `${text}\nexit ${status}\n`)
  }

  #draft(
    { globals, verb = '', options, operands }: RuntimeCall,
    { workingDirectory }: AskedCommand,
  ): CommandDraft {
    const root = valueIn(globals, '--root') ?? ''
    const id = withoutContainer.includes(verb) ? undefined : operands[0]
    const history = this.#histories.of(root, id ?? '', verb)
    const bundle = beginnings.includes(verb)
      ? resolve(workingDirectory, valueIn(options, '--bundle', '-b') ?? '.')
      : history.bundle
    const notes = this.#notesOf(root)
    const draft = untouched({ globals, verb, options, operands, root, id, bundle, history, notes })
    this.fault.effect(draft)
    return draft
  }

  #notesOf(root: string): string {
    const notes = join(this.#surroundings.directory, 'notes', encodeURIComponent(root))
    if (!this.#noted.has(root)) mkdirSync(notes, { recursive: true, mode: 0o700 })
    this.#noted.add(root)
    return notes
  }

  #askForInput(number: number): string {
    const file = shellQuote([this.#file(number, 'input')])
    return `cat >${file}; runwright_ask input ${file} "$PWD" "$@"; eval "$runwright_reply"`
  }

  /** @returns whether the bundle has another configuration than its own */
  #editConfiguration({ verb, root, id = '', bundle, configuration }: CommandDraft): boolean {
    if (!beginnings.includes(verb) || bundle === undefined) {
      this.#histories.add(root, id, verb)
      return false
    }
    const edited = this.#surroundings.configurations.edit(bundle, configuration)
    this.#histories.add(root, id, verb, {
      bundle,
      spec: edited === undefined ? undefined : specIn(edited.text),
    })
    return edited?.isChanged === true
  }

  #editProcess(draft: CommandDraft, { workingDirectory }: AskedCommand, number: number): void {
    if (draft.process.length === 0) return
    const [id = '', ...args] = draft.operands
    const file = valueIn(draft.options, ...processOptions)
    const text = file === undefined ? undefined : readFileSync(resolve(workingDirectory, file), 'utf8')
    const edit = editedDocument(
      (json) => parseProcess(json, { semantics: false }),
      (process) => {
        const changed = structuredClone(process)
        for (const change of draft.process) change(changed)
        return changed
      },
    )
    if (text !== undefined) {
      const edited = edit(text)
      if (edited === text) return
      draft.options = withValue(draft.options, processOptions, this.#write(number, 'process', edited))
    } else if (draft.history.spec !== undefined) {
      const { process, remaining } = processOf(draft.history.spec, draft.options, args)
      const file = this.#write(number, 'process', edit(stringifyJson(process)))
      draft.options = [...remaining, { name: '--process', value: file }]
      draft.operands = [id]
    }
  }

  #editResources(draft: CommandDraft, { workingDirectory, input }: AskedCommand, number: number): void {
    const given = valueIn(draft.options, ...resourceOptions)
    if (draft.resources.length === 0 || given === undefined) return
    const text = readFileSync(input ?? resolve(workingDirectory, given), 'utf8')
    const edited = draft.resources.reduce((before, edit) => edit(before), text)
    if (edited === text && input === undefined) return
    draft.options = withValue(draft.options, resourceOptions, this.#write(number, 'resources', edited))
  }

  #script(number: number, kind: string, text: string): string {
    return `. ${shellQuote([this.#write(number, kind, text)])}`
  }

  #write(number: number, kind: string, text: string): string {
    const path = this.#file(number, kind)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  #file(number: number, kind: string): string {
    return join(this.#surroundings.directory, `${number}.${kind}`)
  }
}

const resourceOptions = ['--resources', '-r']
const processOptions = ['--process', '-p']

/** Verbs whose first operand, if any, is no container's id. */
const withoutContainer: readonly string[] = ['', 'features', 'list', 'spec']

function withValue(
  options: readonly CallOption[],
  names: readonly string[],
  value: string,
): readonly CallOption[] {
  return options.map((option) => (names.includes(option.name) ? { ...option, value } : option))
}

function specIn(text: string): Spec | undefined {
  try {
    return parseSpec(text, { semantics: false })
  } catch {
    return undefined // the real runtime will refuse it
  }
}
