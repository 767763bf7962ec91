/**
 * The few words the schema files are written in. Objects are open: a member the specification does not know
 * passes validation (config.md, extensibility) although the types do not offer it. Nothing is transformed, so what
 * was validated is what the caller holds, member order and unknown members included.
 */
import * as v from 'valibot'

/** A whole number of up to 64 bits: a bigint where a number could not hold it exactly. */
export type Integer64 = number | bigint

/** What every part of the schema is: it says what a value of type `T` looks like, and changes nothing. */
export type Schema<T> = v.GenericSchema<T>

/**
 * Refuses arrays, which valibot would take for objects, before the members are looked at. That it speaks of `T` is a
 * promise kept by the schema behind it.
 */
function plainObject<T>() {
  return v.custom<T>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
}

/** An object with these members, and possibly others. */
export function object<const Entries extends v.ObjectEntries>(
  entries: Entries,
): Schema<v.InferInput<v.ObjectSchema<Entries, undefined>>> {
  return v.pipe(
    plainObject<v.InferInput<v.ObjectSchema<Entries, undefined>>>(),
    v.looseObject(entries, 'is missing'),
  )
}

/** A list of items that are all alike. */
export function list<T>(item: Schema<T>): Schema<T[]> {
  return v.array(item, 'must be a list')
}

/** One of some texts. */
export function oneOf<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, `must be one of ${options.join(', ')}`)
}

export { nullish, optional } from 'valibot'

export const text = v.string('must be a text')
export const flag = v.boolean('must be true or false')
export const texts = list(text)

/** A text of some form. */
export function textLike(pattern: RegExp, form: string): Schema<string> {
  return v.pipe(text, v.regex(pattern, `must be ${form}`))
}

/** Names that valibot's record steps over without looking at the value. */
const overlooked = ['__proto__', 'prototype', 'constructor'] as const

/** An object whose members are all alike, such as annotations or sysctl. */
export function mapOf<T>(value: Schema<T>): Schema<Record<string, T>> {
  return v.pipe(
    plainObject<Record<string, T>>(),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      for (const key of overlooked.filter((name) => Object.hasOwn(dataset.value, name))) {
        const input: unknown = Reflect.get(dataset.value, key)
        const [issue] = v.safeParse(value, input).issues ?? []
        if (issue === undefined) continue
        const step = { type: 'object', origin: 'value', input: dataset.value, key, value: input } as const
        addIssue({ input, message: issue.message, path: [step] })
      }
    }),
    v.record(text, value, 'must be an object'),
  )
}

/** Anything at all. */
export const anyValue = v.unknown()

/** Any object at all: parts of the configuration that are not for Linux. */
export const anything = mapOf(anyValue)

/** What an integer may be; carried by its schema for the JSON Schema. */
export interface IntegerRange {
  readonly minimum: bigint
  readonly maximum: bigint
}

/** Whether a value is a whole number, and exactly the one that was meant. */
function isExactInteger(value: unknown): value is Integer64 {
  return typeof value === 'bigint' || Number.isSafeInteger(value)
}

function isWithin(value: Integer64, { minimum, maximum }: IntegerRange): boolean {
  return value >= minimum && value <= maximum
}

function describeRange({ minimum, maximum }: IntegerRange): string {
  return `must be an integer from ${minimum} to ${maximum}`
}

/** An integer that always fits a number. */
function smallInteger(range: IntegerRange): Schema<number> {
  return v.pipe(
    v.custom<number>(isExactInteger, describeRange(range)),
    v.check((value) => typeof value === 'number' && isWithin(value, range), describeRange(range)),
    v.metadata({ integer: range }),
  )
}

/** An integer that may need a bigint. */
function largeInteger(range: IntegerRange): Schema<Integer64> {
  return v.pipe(
    v.custom<Integer64>(isExactInteger, describeRange(range)),
    v.check((value) => isWithin(value, range), describeRange(range)),
    v.metadata({ integer: range }),
  )
}

export const uint16 = smallInteger({ minimum: 0n, maximum: 0xffffn })
export const uint32 = smallInteger({ minimum: 0n, maximum: 0xffff_ffffn })
export const int32 = smallInteger({ minimum: -0x8000_0000n, maximum: 0x7fff_ffffn })
export const int64 = largeInteger({ minimum: -(2n ** 63n), maximum: 2n ** 63n - 1n })
export const uint64 = largeInteger({ minimum: 0n, maximum: 2n ** 64n - 1n })
/** A count, or a number that stands for something, such as a pid. */
export const naturalNumber = smallInteger({ minimum: 0n, maximum: 2n ** 53n - 1n })
/** A count or duration that a program keeps in a native int. */
export const positiveInteger = smallInteger({ minimum: 1n, maximum: 2n ** 53n - 1n })
export const integer = smallInteger({ minimum: -(2n ** 53n) + 1n, maximum: 2n ** 53n - 1n })
