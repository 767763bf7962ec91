/** Generated configurations for property tests: every shape the schema allows, and mutations of them. */

import fc from 'fast-check'
import * as v from 'valibot'
import { isObject } from './json/value.ts'
import type { IntegerRange, Schema } from './schema/notation.ts'
import { type Member, type Outline, outlineOf } from './schema/outline.ts'
import type { DeepReadonly } from './schema/readonly.ts'
import { type Spec, specSchema } from './schema/spec.ts'

/** Texts that satisfy the patterns of the schema. */
const samples: readonly string[] = ['2MB', '1GB', 'MB:0=20', 'MB:', '', '0-3', '1, 3']

const word = fc.oneof(
  fc.constantFrom('', 'a', '/a', 'rootfs', 'CAP_KILL', 'A=b', '0-3'),
  fc.string({ maxLength: 8 }),
)

/** Names of members, awkward ones among them. */
const name = fc.oneof(
  fc.constantFrom('', '__proto__', 'constructor', 'a.b', '0'),
  fc.string({ maxLength: 6 }),
)

function integers({ minimum, maximum }: IntegerRange): fc.Arbitrary<number | bigint> {
  const inRange = (value: bigint) => value >= minimum && value <= maximum
  const bounds = [minimum, maximum, 0n, 1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n].filter(inRange)
  const any = fc.oneof(fc.constantFrom(...bounds), fc.bigInt({ min: minimum, max: maximum }))
  return any.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value))
}

function members(list: readonly Member[], depth: number): fc.Arbitrary<unknown> {
  const required = list.filter((member) => member.required).map((member) => member.name)
  const described = Object.fromEntries(
    list.map((member) => [member.name, ofSchema(member.schema, depth - 1)]),
  )
  return fc.record(described, { requiredKeys: required, noNullPrototype: true })
}

function texts(pattern: RegExp | undefined): fc.Arbitrary<string> {
  if (pattern === undefined) return word
  return fc.constantFrom(...samples.filter((sample) => pattern.test(sample)))
}

function ofOutline(outline: Outline, depth: number): fc.Arbitrary<unknown> {
  switch (outline.kind) {
    case 'text':
      return texts(outline.pattern)
    case 'flag':
      return fc.boolean()
    case 'integer':
      return integers(outline.range)
    case 'choice':
      return fc.constantFrom(...outline.options)
    case 'list':
      return fc.array(ofSchema(outline.item, depth - 1), {
        minLength: outline.least,
        maxLength: outline.least + 2,
      })
    case 'map':
      return fc.dictionary(name, ofSchema(outline.value, depth - 1), { maxKeys: 2, noNullPrototype: true })
    case 'object':
      return members(outline.members, depth)
    case 'anything':
      return json
  }
}

/** Numbers that are not whole: large whole ones come back as bigints. */
const fractions = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((number) => !Number.isInteger(number))

/** Any JSON value, large integers and awkward names included. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.oneof(
      fc.constant(null),
      fc.boolean(),
      word,
      integers({ minimum: -(2n ** 70n), maximum: 2n ** 70n }),
      fractions,
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

function ofSchema(schema: Schema<unknown>, depth: number): fc.Arbitrary<unknown> {
  return ofOutline(outlineOf(schema), depth)
}

/** Values of a schema. */
export function arbitraryOf<T>(schema: Schema<T>): fc.Arbitrary<T> {
  return ofSchema(schema, 8).filter((value): value is T => v.is(schema, value))
}

/** Configurations of the right shape; few of them mean anything. */
export const specs: fc.Arbitrary<Spec> = arbitraryOf(specSchema)

/** The same without the parts that may be anything: every member has one type only. */
export const linuxSpecs: fc.Arbitrary<Spec> = specs.map(
  ({ solaris, windows, vm, zos, freebsd, ...rest }) => rest,
)

/** Every path in a value, the empty one of the value itself included. */
export function pathsOf(value: unknown): (string | number)[][] {
  if (Array.isArray(value)) {
    return [[], ...value.flatMap((item, place) => pathsOf(item).map((path) => [place, ...path]))]
  }
  if (!isObject(value)) return [[]]
  return [[], ...Object.entries(value).flatMap(([key, item]) => pathsOf(item).map((path) => [key, ...path]))]
}

/** What stands at a path. */
export function partAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => Reflect.get(Object(inner), step), value)
}

/** Freezes a value at every depth, so that any change throws. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

/** A configuration that has no problems, for tests to spoil in one place. */
export const sound: DeepReadonly<Spec> = {
  ociVersion: '1.3.0',
  process: {
    user: { uid: 0, gid: 0 },
    cwd: '/',
    args: ['sh'],
    env: ['PATH=/bin'],
    capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }],
  },
  root: { path: 'rootfs' },
  hostname: 'tested',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/data', type: 'none', source: '/srv', options: ['bind'] },
  ],
  linux: {
    namespaces: [{ type: 'uts' }, { type: 'mount' }],
    resources: { devices: [{ allow: false, access: 'rwm' }] },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229 }],
  },
}
