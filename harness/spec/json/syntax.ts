/** What a mistake in a JSON text is called, and how far inside the offending token it is. */
export interface Mistake {
  readonly message: string
  readonly within: number
}

interface MistakeKind {
  readonly says: string
  /** Finds the offending character in a string token, whose start is all the parser tells. */
  readonly pattern?: RegExp
}

/** By the parser's names for its errors. */
const mistakes: Readonly<Record<string, MistakeKind>> = {
  InvalidSymbol: { says: 'not JSON' },
  InvalidNumberFormat: { says: 'not a number' },
  PropertyNameExpected: { says: 'expected a member name in double quotes' },
  ValueExpected: { says: 'expected a value' },
  ColonExpected: { says: 'expected a colon after the member name' },
  CommaExpected: { says: 'expected a comma' },
  CloseBraceExpected: { says: 'an object is not closed with }' },
  CloseBracketExpected: { says: 'an array is not closed with ]' },
  InvalidCommentToken: { says: 'JSON has no comments' },
  UnexpectedEndOfString: { says: 'a string is not closed on its line' },
  UnexpectedEndOfNumber: { says: 'a number ends too early' },
  InvalidUnicode: {
    says: '\\u needs four hexadecimal digits',
    pattern: /(?<!\\)(?:\\\\)*\\u(?![\da-fA-F]{4})/,
  },
  InvalidEscapeCharacter: { says: 'no such escape in a string', pattern: /(?<!\\)(?:\\\\)*\\[^"\\/bfnrtu]/ },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  InvalidCharacter: { says: 'a control character in a string has to be escaped', pattern: /[\u0000-\u001f]/ },
}

const shown = 20

/** Describes the mistake `code` at `token`; an empty token is the end of the text. */
export function describeMistake(code: string, token: string): Mistake {
  const { says, pattern } = mistakes[code] ?? { says: 'not JSON' }
  const found = pattern?.exec(token)
  if (found) return { message: `${says}: ${JSON.stringify(found[0])}`, within: found.index }
  if (token === '') return { message: `${says}, but the text ends here`, within: 0 }
  const excerpt = token.length > shown ? `${token.slice(0, shown)}…` : token
  return { message: `${says}: ${excerpt}`, within: 0 }
}
