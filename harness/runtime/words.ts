/**
 * A piece of a command line: a word, or words that the harness adds for itself (a log, a pid file) and that whoever
 * repeats the command by hand can do without.
 */
export type Word = string | { readonly own: readonly string[] }

/** Every word, as the runtime gets them. */
export function allWords(words: readonly Word[]): string[] {
  return words.flatMap((word) => (typeof word === 'string' ? [word] : word.own))
}

/** The words without the harness's own. */
export function repeatableWords(words: readonly Word[]): string[] {
  return words.flatMap((word) => (typeof word === 'string' ? [word] : []))
}

/** An option with its value, where there is one. */
export function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)]
}

/** An option without value, when it is wanted. */
export function flag(name: string, wanted: boolean | undefined): string[] {
  return wanted === true ? [name] : []
}
