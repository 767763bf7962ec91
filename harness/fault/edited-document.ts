import {
  JsonError,
  type JsonObject,
  type JsonValue,
  ProblemsError,
  parseJson,
  SpecNullError,
  stringifyJson,
} from '../spec/index.ts'
import type { TextEdit } from './command-draft.ts'

/** Changes a JSON object in place. */
export type DocumentChange = (document: JsonObject) => void

/** What parsing throws at a text that is no such document. */
const unreadable = [JsonError, ProblemsError, SpecNullError]

/**
 * An edit of the text of a document. What cannot be read, and what comes out as it was, stays byte for byte.
 *
 * @param edit gives a changed document and leaves the one it is given alone
 */
export function editedDocument<T>(parse: (text: string) => T, edit: (document: T) => T): TextEdit {
  return (text) => {
    try {
      const document = parse(text)
      const changed = stringifyJson(edit(document))
      return changed === stringifyJson(document) ? text : changed
    } catch (error) {
      if (unreadable.some((kind) => error instanceof kind)) return text
      throw error
    }
  }
}

/** An edit of the text of a JSON object, or of every object in a list. */
export function editedObjects(change: DocumentChange): TextEdit {
  return editedDocument(parseJson, (document) => {
    const copy = structuredClone(document)
    for (const object of Array.isArray(copy) ? copy : [copy]) {
      if (isObject(object)) change(object)
    }
    return copy
  })
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
