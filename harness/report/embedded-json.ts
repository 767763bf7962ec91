/**
 * A value as JSON on one line in which no character could end what it is written into: a script of an HTML page, or a
 * line of YAML, for which U+2028 and U+2029 are line ends.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
