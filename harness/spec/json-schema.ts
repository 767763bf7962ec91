import { stringifyJson } from './json/stringify.ts'
import { deviceRuleSchema, deviceSchema } from './schema/devices.ts'
import { featuresSchema } from './schema/features.ts'
import { hookSchema, hooksSchema } from './schema/hooks.ts'
import { linuxSchema } from './schema/linux.ts'
import { idMappingSchema, mountSchema } from './schema/mounts.ts'
import type { Schema } from './schema/notation.ts'
import { type Member, type Outline, outlineOf } from './schema/outline.ts'
import { processSchema } from './schema/process.ts'
import { resourcesSchema, throttleDeviceSchema } from './schema/resources.ts'
import { seccompSchema } from './schema/seccomp.ts'
import { specSchema } from './schema/spec.ts'
import { stateSchema } from './schema/state.ts'

/** The documents there is a JSON Schema of. */
const documents = {
  config: { title: 'OCI container configuration (config.json)', schema: specSchema },
  state: { title: 'OCI container state', schema: stateSchema },
  features: { title: 'OCI runtime features', schema: featuresSchema },
  process: { title: 'Process file of exec', schema: processSchema },
} as const satisfies Readonly<Record<string, { title: string; schema: Schema<unknown> }>>

/** A document there is a JSON Schema of. */
export type JsonSchemaDocument = keyof typeof documents

/** Parts that are described once, under a name. */
const parts = new Map<Schema<unknown>, string>([
  [processSchema, 'process'],
  [mountSchema, 'mount'],
  [idMappingSchema, 'idMapping'],
  [hookSchema, 'hook'],
  [hooksSchema, 'hooks'],
  [deviceSchema, 'device'],
  [deviceRuleSchema, 'deviceRule'],
  [throttleDeviceSchema, 'throttleDevice'],
  [resourcesSchema, 'resources'],
  [seccompSchema, 'seccomp'],
  [linuxSchema, 'linux'],
])

/** The descriptions gathered on the way, by name. */
type Definitions = Map<string, object>

function ofMember({ schema, nullable }: Member, definitions: Definitions): object {
  const described = refer(schema, definitions)
  return nullable ? { anyOf: [described, { type: 'null' }] } : described
}

function ofObject(members: readonly Member[], definitions: Definitions): object {
  const required = members.filter((member) => member.required).map(({ name }) => name)
  return {
    type: 'object',
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(members.map((member) => [member.name, ofMember(member, definitions)])),
  }
}

function describe(outline: Outline, definitions: Definitions): object {
  switch (outline.kind) {
    case 'text':
      return { type: 'string', ...(outline.pattern && { pattern: outline.pattern.source }) }
    case 'flag':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', ...outline.range }
    case 'choice':
      return { type: 'string', enum: outline.options }
    case 'list':
      return {
        type: 'array',
        ...(outline.least > 0 && { minItems: outline.least }),
        items: refer(outline.item, definitions),
      }
    case 'map':
      return { type: 'object', additionalProperties: refer(outline.value, definitions) }
    case 'object':
      return ofObject(outline.members, definitions)
    case 'anything':
      return {}
  }
}

/** A description in place, or a reference to one that has a name. */
function refer(schema: Schema<unknown>, definitions: Definitions): object {
  const name = parts.get(schema)
  if (name === undefined) return describe(outlineOf(schema), definitions)
  if (!definitions.has(name)) {
    definitions.set(name, {})
    definitions.set(name, describe(outlineOf(schema), definitions))
  }
  return { $ref: `#/$defs/${name}` }
}

/**
 * The JSON Schema (draft 2020-12) of a document, for editors and other programs, made from the source the types come
 * from. It tells shapes only; what `validateSpec` finds beyond them has no JSON Schema.
 */
export function jsonSchemaOf(document: JsonSchemaDocument): object {
  const { title, schema } = documents[document]
  const definitions: Definitions = new Map()
  const described = describe(outlineOf(schema), definitions)
  const named = [...definitions].sort(([left], [right]) => (left < right ? -1 : 1))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title,
    ...described,
    ...(named.length > 0 && { $defs: Object.fromEntries(named) }),
  }
}

/** The same as text, with the bounds of 64-bit integers in full. */
export function jsonSchemaText(document: JsonSchemaDocument): string {
  return `${stringifyJson(jsonSchemaOf(document), { indent: '  ' })}\n`
}
