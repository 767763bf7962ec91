import type * as v from 'valibot'
import type { IntegerRange, Schema } from './notation.ts'

/** What a schema says, as plain data: for everything that is derived from the one source. */
export type Outline =
  | { readonly kind: 'text'; readonly pattern?: RegExp }
  | { readonly kind: 'flag' | 'anything' }
  | { readonly kind: 'integer'; readonly range: IntegerRange }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'list'; readonly item: Schema<unknown>; readonly least: number }
  | { readonly kind: 'map'; readonly value: Schema<unknown> }
  | { readonly kind: 'object'; readonly members: readonly Member[] }

/** A member an object may have. */
export interface Member {
  readonly name: string
  readonly required: boolean
  readonly schema: Schema<unknown>
  /** Whether null stands for absent. */
  readonly nullable: boolean
}

/** The steps of a schema: itself, or what it is a pipe of. */
function stepsOf(schema: Schema<unknown>): readonly object[] {
  return 'pipe' in schema && Array.isArray(schema.pipe) ? schema.pipe.filter((step) => step !== schema) : []
}

function isObject(step: object): step is v.LooseObjectSchema<Record<string, Schema<unknown>>, string> {
  return 'entries' in step
}

function isList(step: object): step is v.ArraySchema<Schema<unknown>, string> {
  return 'item' in step
}

function isMap(step: object): step is v.RecordSchema<v.StringSchema<undefined>, Schema<unknown>, string> {
  return 'key' in step && 'value' in step
}

function isChoice(step: object): step is v.PicklistSchema<readonly string[], string> {
  return 'options' in step
}

function isRange(step: object): step is { readonly metadata: { readonly integer: IntegerRange } } {
  return (
    'metadata' in step &&
    typeof step.metadata === 'object' &&
    step.metadata !== null &&
    'integer' in step.metadata
  )
}

type Optional = v.OptionalSchema<Schema<unknown>, undefined> | v.NullishSchema<Schema<unknown>, undefined>

function isOptional(schema: Schema<unknown>): schema is Optional {
  return schema.type === 'optional' || schema.type === 'nullish'
}

function requirement(step: object, type: string): unknown {
  return 'type' in step && step.type === type && 'requirement' in step ? step.requirement : undefined
}

function memberOf([name, schema]: readonly [string, Schema<unknown>]): Member {
  if (!isOptional(schema)) return { name, required: true, schema, nullable: false }
  return { name, required: false, schema: schema.wrapped, nullable: schema.type === 'nullish' }
}

/** What kind of value a step tells of, if it does. */
const readers: readonly ((step: object) => Outline | undefined)[] = [
  (step) =>
    isObject(step) ? { kind: 'object', members: Object.entries(step.entries).map(memberOf) } : undefined,
  (step) => (isMap(step) ? { kind: 'map', value: step.value } : undefined),
  (step) => (isList(step) ? { kind: 'list', item: step.item, least: 0 } : undefined),
  (step) => (isChoice(step) ? { kind: 'choice', options: step.options } : undefined),
  (step) => (isRange(step) ? { kind: 'integer', range: step.metadata.integer } : undefined),
  (step) => ('type' in step && step.type === 'string' ? { kind: 'text' } : undefined),
  (step) => ('type' in step && step.type === 'boolean' ? { kind: 'flag' } : undefined),
]

function kindOf(steps: readonly object[]): Outline | undefined {
  return steps.flatMap((step) => readers.map((read) => read(step))).find((outline) => outline !== undefined)
}

/** Says what a schema written in the notation asks of a value. */
export function outlineOf(schema: Schema<unknown>): Outline {
  const steps = [schema, ...stepsOf(schema)]
  const outline = kindOf(steps) ?? { kind: 'anything' }
  const pattern = steps.map((step) => requirement(step, 'regex')).find((found) => found instanceof RegExp)
  const least = steps
    .map((step) => requirement(step, 'min_length'))
    .find((found) => typeof found === 'number')
  if (outline.kind === 'text' && pattern !== undefined) return { ...outline, pattern }
  return outline.kind === 'list' && least !== undefined ? { ...outline, least } : outline
}
