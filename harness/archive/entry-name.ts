const longest = 200

/**
 * A name from inside an archive, made safe and readable for a message: quoted, UTF-8 where it is, every byte or
 * character that a terminal would act on or hide written as an escape, and cut when very long.
 *
 * @param name one character per byte, as the tar reader gives names.
 */
export function displayName(name: string): string {
  const shown = name.slice(0, longest)
  const bytes = Buffer.from(shown, 'latin1')
  const text = bytes.toString('utf8')
  const readable = Buffer.from(text, 'utf8').equals(bytes)
    ? text.replace(/["\\]|[\p{C}\p{Zl}\p{Zp}]/gu, escapeCharacter)
    : shown.replace(/[^\x20-\x7e]|["\\]/g, escapeCharacter)
  return `"${readable}"${shown.length < name.length ? '…' : ''}`
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** What a program said, safe for a terminal: control and hidden characters escaped, lines kept. */
export function printable(text: string): string {
  return text
    .trim()
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
      character === '\n' ? character : escapeCharacter(character),
    )
}
