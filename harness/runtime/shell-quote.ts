/**
 * Writes an argument list so that a POSIX shell reads exactly these words again: a command to paste.
 *
 * @param words program and arguments; may hold any character
 */
export function shellQuote(words: readonly string[]): string {
  return words.map(quoteWord).join(' ')
}

const plain = /^[\w@%+=:,./-]+$/

function quoteWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
