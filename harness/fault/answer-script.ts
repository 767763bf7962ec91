import { shellQuote } from '../runtime/index.ts'
import type { CommandDraft } from './command-draft.ts'

/** What the client needs beside the draft to carry it out. */
export interface AnswerParts {
  /** Words that run the real runtime. */
  readonly real: string
  /** The words that the client was given, and those that the runtime is to get. */
  readonly given: readonly string[]
  readonly wanted: readonly string[]
  /** Where what the command prints goes, if it is to be edited. */
  readonly printed: string
  /** By what the client calls this command when it asks what to do about its end. */
  readonly number: number
}

/** Whether the client just becomes the real runtime, with the words that it was given. */
export function isUntouched(
  draft: CommandDraft,
  { given, wanted }: Pick<AnswerParts, 'given' | 'wanted'>,
): boolean {
  const isSame = given.length === wanted.length && given.every((word, position) => word === wanted[position])
  return isSame && draft.before.length === 0 && draft.instead === undefined && !hasEnd(draft)
}

/** Whether anything is left to do when the command has ended. */
function hasEnd({ after, output, status }: CommandDraft): boolean {
  return after.length + output.length + status.length > 0
}

/** The shell text that carries a draft out. */
export function answerScript(draft: CommandDraft, parts: AnswerParts): string {
  const { real, given, wanted } = parts
  const lines = [
    `REAL=${shellQuote([real])}`,
    ...variables(draft),
    `set -- ${wanted.map((word) => reference(word, given)).join(' ')}`,
    ...draft.before.map((text) => withPid(text)),
  ]
  if (!hasEnd(draft)) return [...lines, withPid(draft.instead ?? 'exec "$REAL" "$@"'), ''].join('\n')
  return [...lines, ...endLines(draft, parts), ''].join('\n')
}

function variables({ root, id, bundle, notes, before, instead, after }: CommandDraft): string[] {
  if (before.length + after.length === 0 && instead === undefined) return []
  return [
    `ROOT=${shellQuote([root])}`,
    `ID=${shellQuote([id ?? ''])}`,
    `BUNDLE=${shellQuote([bundle ?? ''])}`,
    `NOTES=${shellQuote([notes])}`,
  ]
}

/** A word that the client was given is named by its position: its bytes stay what they are. */
function reference(word: string, given: readonly string[]): string {
  const position = given.indexOf(word)
  return position === -1 ? shellQuote([word]) : `"\${${position + 1}}"`
}

function endLines(draft: CommandDraft, { printed, number }: AnswerParts): string[] {
  const redirection = draft.output.length === 0 ? '' : ` >${shellQuote([printed])}`
  const asks = draft.output.length + draft.status.length > 0
  return [
    `( ${withPid(draft.instead ?? 'exec "$REAL" "$@"')}`,
    `)${redirection}`,
    'runwright_status=$?',
    ...draft.after.map((text) => `if [ "$runwright_status" = 0 ]; then\n${withPid(text)}\nfi`),
    ...(asks ? [`runwright_ask ended ${number} "$runwright_status"`, 'eval "$runwright_reply"'] : []),
    'exit "$runwright_status"',
  ]
}

/** The pid is asked for where it is wanted, because that takes a command of its own. */
function withPid(text: string): string {
  if (!/\$\{?PID\b/.test(text)) return text
  const state = '"$REAL" --root "$ROOT" state "$ID" 2>/dev/null'
  return `PID=$(${state} | sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p')\n${text}`
}
