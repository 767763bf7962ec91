import { configuration, configurationDocument, type Effect } from '../harness/fault/index.ts'
import { changing, type JsonObject, type JsonValue, type LinuxResources } from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** The limits of a configuration are others. */
export function configuredResources(change: (resources: LinuxResources) => void): Effect {
  return configuration(
    changing(({ linux }) => {
      if (linux?.resources !== undefined) change(linux.resources)
    }),
  )
}

/** An object of a configuration is another; for what its types do not allow. Nothing happens where it is missing. */
export function configuredObject(path: readonly string[], change: (object: JsonObject) => void): Effect {
  return configurationDocument((document) => {
    const object = objectAt(document, ...path)
    if (object !== undefined) change(object)
  })
}

/** A configuration of which this holds is refused. */
export function refused(condition: (document: JsonObject) => boolean): Effect {
  return configurationDocument((document) => {
    // No runtime takes a number for the version.
    if (condition(document)) document['ociVersion'] = 7
  })
}

/** The object below these names and places of lists. */
export function objectAt(value: JsonValue | undefined, ...path: readonly string[]): JsonObject | undefined {
  const found = path.reduce<JsonValue | undefined>(memberOf, value)
  return isObject(found) ? found : undefined
}

/** The objects in a list. */
export function objectsIn(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(name)]
  return isObject(value) ? value[name] : undefined
}
