import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser'
import {
  type DuplicateName,
  JsonDuplicateNameError,
  JsonEncodingError,
  JsonNumberError,
  JsonSyntaxError,
  JsonTooDeepError,
  JsonTrailingDataError,
  type Place,
} from './errors.ts'
import type { JsonPath } from './path.ts'
import { describeMistake } from './syntax.ts'
import { type JsonObject, type JsonValue, maximumDepth, setMember } from './value.ts'

/** A JSON text that has been read: its value, and where each part of it stands. */
export interface JsonDocument {
  readonly value: JsonValue
  /** Where the value at a path begins; of a path that leads nowhere, where its last existing part does. */
  locate(path: JsonPath): Place
}

/** What to call the text in messages. */
export interface ParseOptions {
  readonly file?: string | undefined
}

/** An array or object under construction. */
interface Container {
  readonly value: JsonValue[] | JsonObject
  /** Where each item or member value begins. */
  readonly places: Map<string | number, Place>
  /** Where each member name begins. */
  readonly names: Map<string, Place>
  /** The name whose value comes next. */
  name: string
}

/** Takes the events of the parser and builds the value from them, or throws. */
class DocumentBuilder {
  readonly #text: string
  readonly #file: string | undefined
  readonly #open: Container[] = []
  readonly #places = new WeakMap<object, Map<string | number, Place>>()
  readonly #duplicates: DuplicateName[] = []
  #root: { readonly value: JsonValue; readonly place: Place } | undefined

  constructor(text: string, file: string | undefined) {
    this.#text = text
    this.#file = file
  }

  visitor(): JSONVisitor {
    return {
      onObjectBegin: (_offset, _length, line, column) => this.#begin({}, place(line, column)),
      onObjectProperty: (name, _offset, _length, line, column) => this.#nameMember(name, place(line, column)),
      onObjectEnd: () => this.#end(),
      onArrayBegin: (_offset, _length, line, column) => this.#begin([], place(line, column)),
      onArrayEnd: () => this.#end(),
      onLiteralValue: (value: JsonValue, offset, length, line, column) => {
        const at = place(line, column)
        this.#add(typeof value === 'number' ? this.#number(offset, length, at) : value, at)
      },
      onError: (code, offset, length, line, column) => {
        this.#refuse(printParseErrorCode(code), offset, length, place(line, column))
      },
    }
  }

  finish(): JsonDocument {
    const [first, ...others] = this.#duplicates
    if (first !== undefined) throw new JsonDuplicateNameError([first, ...others])
    if (this.#root === undefined) throw new Error('the parser reported neither a value nor an error')
    const { value, place: start } = this.#root
    return { value, locate: (path) => locate(value, start, path, this.#places) }
  }

  #begin(value: JsonValue[] | JsonObject, at: Place): void {
    if (this.#open.length === maximumDepth) {
      throw new JsonTooDeepError(`nested more than ${maximumDepth} deep`, {
        file: this.#file,
        ...at,
        path: [],
      })
    }
    this.#add(value, at)
    const places = new Map<string | number, Place>()
    this.#places.set(value, places)
    this.#open.push({ value, places, names: new Map(), name: '' })
  }

  #end(): void {
    this.#open.pop()
  }

  #nameMember(name: string, at: Place): void {
    const container = this.#open.at(-1)
    if (container === undefined) return
    container.name = name
    const first = container.names.get(name)
    if (first === undefined) container.names.set(name, at)
    else this.#duplicates.push({ file: this.#file, ...at, path: this.#path(), first })
  }

  #add(value: JsonValue, at: Place): void {
    const container = this.#open.at(-1)
    if (container === undefined) {
      this.#root = { value, place: at }
    } else if (Array.isArray(container.value)) {
      container.places.set(container.value.length, at)
      container.value.push(value)
    } else {
      container.places.set(container.name, at)
      setMember(container.value, container.name, value)
    }
  }

  #number(offset: number, length: number, at: Place): number | bigint {
    const digits = this.#text.slice(offset, offset + length)
    const number = Number(digits)
    if (Number.isSafeInteger(number)) return number
    if (/^-?\d+$/.test(digits)) return BigInt(digits)
    if (Number.isFinite(number)) return number
    throw new JsonNumberError(`${digits} is too large for a number`, {
      file: this.#file,
      ...at,
      path: this.#path(),
    })
  }

  /** The path of the value about to be added. */
  #path(): JsonPath {
    return this.#open.map(({ value, name }) => (Array.isArray(value) ? value.length : name))
  }

  #refuse(code: string, offset: number, length: number, at: Place): never {
    const complete = this.#root !== undefined && this.#open.length === 0 && !code.startsWith('Close')
    const token = this.#text.slice(offset, offset + length)
    if (complete) {
      throw new JsonTrailingDataError('something follows the end of the document', {
        file: this.#file,
        ...at,
        path: [],
      })
    }
    const mistake = describeMistake(code, token)
    const column = at.column + mistake.within
    throw new JsonSyntaxError(mistake.message, {
      file: this.#file,
      line: at.line,
      column,
      path: this.#path(),
    })
  }
}

function place(line: number, column: number): Place {
  return { line: line + 1, column: column + 1 }
}

function locate(
  root: JsonValue,
  start: Place,
  path: JsonPath,
  places: WeakMap<object, ReadonlyMap<string | number, Place>>,
): Place {
  let value: unknown = root
  let found = start
  for (const step of path) {
    const next = typeof value === 'object' && value !== null ? places.get(value)?.get(step) : undefined
    if (next === undefined) return found
    found = next
    value = Reflect.get(Object(value), step)
  }
  return found
}

/**
 * Reads a JSON text and remembers where everything stands.
 *
 * Throws a `JsonError`: `JsonSyntaxError`, `JsonTrailingDataError`, `JsonDuplicateNameError`, `JsonEncodingError` for a
 * byte order mark, `JsonTooDeepError`, `JsonNumberError`.
 */
export function parseJsonDocument(text: string, { file }: ParseOptions = {}): JsonDocument {
  if (text.startsWith('\uFEFF')) {
    throw new JsonEncodingError('begins with a byte order mark, which JSON must not', {
      file,
      line: 1,
      column: 1,
      path: [],
    })
  }
  const builder = new DocumentBuilder(text, file)
  visit(text, builder.visitor(), { disallowComments: true, allowTrailingComma: false })
  return builder.finish()
}

/**
 * Reads a JSON text without losing anything but spelling: whole numbers beyond 2^53 become bigints, members keep their
 * order, `__proto__` is a member like any other, and a repeated name is an error. Throws as `parseJsonDocument` does.
 */
export function parseJson(text: string, options?: ParseOptions): JsonValue {
  return parseJsonDocument(text, options).value
}
