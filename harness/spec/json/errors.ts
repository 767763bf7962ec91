import { RunwrightError } from '../../host/index.ts'
import { formatPath, type JsonPath } from './path.ts'

/** A place in a text; both count from 1, columns in UTF-16 code units. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Where something went wrong: in which file if it came from one, at which place, in which value. */
export interface Whereabouts extends Place {
  readonly file?: string | undefined
  /** The value being read, or the innermost one around the place. */
  readonly path: JsonPath
}

/** `config.json:3:14`, or `line 3, column 14` for a text without a file. */
export function formatPlace({ file, line, column }: Omit<Whereabouts, 'path'>): string {
  return file === undefined ? `line ${line}, column ${column}` : `${file}:${line}:${column}`
}

/** A text that is not the JSON it should be. */
export abstract class JsonError extends RunwrightError implements Whereabouts {
  readonly file: string | undefined
  readonly line: number
  readonly column: number
  readonly path: JsonPath

  constructor(message: string, where: Whereabouts) {
    const inside = where.path.length > 0 ? ` (in ${formatPath(where.path)})` : ''
    super(`${formatPlace(where)}: ${message}${inside}`)
    this.file = where.file
    this.line = where.line
    this.column = where.column
    this.path = where.path
  }
}

/** The text breaks the grammar of JSON (RFC 8259). */
export class JsonSyntaxError extends JsonError {
  override readonly code = 'JSON_SYNTAX'
}

/** Something follows the document. */
export class JsonTrailingDataError extends JsonError {
  override readonly code = 'JSON_TRAILING_DATA'
}

/** The bytes are not plain UTF-8: an invalid sequence, another encoding, or a byte order mark. */
export class JsonEncodingError extends JsonError {
  override readonly code = 'JSON_ENCODING'
}

/** Arrays and objects are nested deeper than any configuration. */
export class JsonTooDeepError extends JsonError {
  override readonly code = 'JSON_TOO_DEEP'
}

/** A number that is not whole, or has an exponent, and is too large for a double. */
export class JsonNumberError extends JsonError {
  override readonly code = 'JSON_NUMBER'
}

/** A member name that an object has more than once. */
export interface DuplicateName extends Whereabouts {
  /** Where the name stood before. */
  readonly first: Place
}

/** Objects repeat member names; every repetition is listed (glossary.md, JSON). */
export class JsonDuplicateNameError extends JsonError {
  override readonly code = 'JSON_DUPLICATE_NAME'
  readonly duplicates: readonly DuplicateName[]

  constructor(duplicates: readonly [DuplicateName, ...DuplicateName[]]) {
    const [foremost, ...others] = duplicates
    super([foremost, ...others].map(describeDuplicate).join('; '), { ...foremost, path: [] })
    this.duplicates = duplicates
  }
}

function describeDuplicate({ path, line, first }: DuplicateName): string {
  return `${formatPath(path)} is given twice, on lines ${first.line} and ${line}`
}

/** A value that has no JSON: a function, NaN, a cycle. */
export class JsonUnrepresentableError extends RunwrightError {
  override readonly code = 'JSON_UNREPRESENTABLE'
  readonly path: JsonPath

  constructor(what: string, path: JsonPath) {
    super(`${formatPath(path) || 'the value'} cannot be written as JSON: it is ${what}`)
    this.path = path
  }
}
