import * as v from 'valibot'
import { SpecInvalidError, SpecNullError, SpecShapeError } from './errors.ts'
import { type JsonDocument, type ParseOptions, parseJsonDocument } from './json/document.ts'
import { readJsonFile } from './read-file.ts'
import { type Features, featuresSchema } from './schema/features.ts'
import type { Schema } from './schema/notation.ts'
import { type OldSpec, oldSpecSchema } from './schema/old-spec.ts'
import { type ProcessSpec, processSchema } from './schema/process.ts'
import { type Spec, specSchema } from './schema/spec.ts'
import { type State, stateSchema } from './schema/state.ts'
import { type Problem, problemOf } from './validate/problem.ts'
import { checkShape } from './validate/shape.ts'
import { type ValidateOptions, validateProcess, validateSpec } from './validate/validate.ts'

/** How strictly a configuration is read. */
export interface LoadOptions extends ValidateOptions {
  /**
   * Whether a configuration whose shape is right, but which a runtime must refuse, is an error. True when absent; a
   * suite that wrote such a configuration on purpose reads it back with false.
   */
  readonly semantics?: boolean | undefined
}

/** For the form of configurations from before `platform` went. */
export interface OldLoadOptions extends LoadOptions {
  readonly profile: 'runc-1.0.0-rc3'
}

/** For today's form. */
export interface CurrentLoadOptions extends LoadOptions {
  readonly profile?: undefined
}

/** What a text says, and everything wrong with it. */
export interface ExaminedSpec {
  /** `undefined` when the shape is wrong. */
  readonly spec: Spec | undefined
  /** In reading order, each with its place in the text. */
  readonly problems: readonly Problem[]
}

/** Says how a value breaks the rules for its kind. */
type Judge = (value: unknown) => readonly Problem[]

function read(text: string, { file }: ParseOptions): JsonDocument {
  const document = parseJsonDocument(text, { file })
  if (document.value === null)
    throw new SpecNullError(`${file ?? 'the text'} must hold an object, but it is null`)
  return document
}

function place(problems: readonly Problem[], document: JsonDocument): Problem[] {
  return problems.map((problem) => ({ ...problem, place: document.locate(problem.steps) }))
}

/** Reads a document of some kind, or throws what is wrong with it. */
function parseAs<T>(
  what: string,
  schema: Schema<T>,
  judge: Judge,
  text: string,
  { file, semantics = true }: ParseOptions & LoadOptions,
): T {
  const document = read(text, { file })
  const { value } = document
  const problems = place(judge(value), document)
  if (!v.is(schema, value)) throw new SpecShapeError(what, problems, file)
  if (semantics && problems.some(({ severity }) => severity === 'error')) {
    throw new SpecInvalidError(what, problems, file)
  }
  return value
}

function judgeShape(schema: Schema<unknown>): Judge {
  return (value) => checkShape(schema, value).map((finding) => problemOf(finding))
}

/**
 * Reads a configuration and finds everything wrong with it, warnings included.
 *
 * Throws only for what is no JSON object at all: a `JsonError`, or `SpecNullError`.
 *
 * @param options `file` is what places in messages are called.
 */
export function examineSpec(text: string, options: ParseOptions = {}): ExaminedSpec {
  const document = read(text, options)
  const { value } = document
  return { spec: v.is(specSchema, value) ? value : undefined, problems: place(validateSpec(value), document) }
}

/**
 * Reads a configuration from its text: integers beyond 2^53 as bigints, members in order, unknown ones included.
 *
 * Throws a `JsonError` (`JsonSyntaxError`, `JsonTrailingDataError`, `JsonDuplicateNameError` …), `SpecNullError`,
 * `SpecShapeError` or, unless `semantics` is false, `SpecInvalidError`; the last two list every problem.
 *
 * @param options `file` is what places in messages are called.
 */
export function parseSpec(text: string, options?: ParseOptions & CurrentLoadOptions): Spec
export function parseSpec(text: string, options: ParseOptions & OldLoadOptions): OldSpec
export function parseSpec(text: string, options: ParseOptions & LoadOptions = {}): Spec | OldSpec {
  const { profile } = options
  const judge: Judge = (value) => validateSpec(value, { profile })
  if (profile === undefined) return parseAs('the configuration', specSchema, judge, text, options)
  return parseAs('the configuration', oldSpecSchema, judge, text, options)
}

/**
 * Reads a configuration from a file, usually the `config.json` of a bundle.
 *
 * Throws what `parseSpec` throws, and `SpecNotFoundError`, `SpecIsDirectoryError`, `SpecUnreadableError` and
 * `JsonEncodingError`.
 */
export async function loadSpec(file: string, options?: CurrentLoadOptions): Promise<Spec>
export async function loadSpec(file: string, options: OldLoadOptions): Promise<OldSpec>
export async function loadSpec(file: string, options: LoadOptions = {}): Promise<Spec | OldSpec> {
  const text = await readJsonFile(file)
  const { profile, ...rest } = options
  return profile === undefined
    ? parseSpec(text, { ...rest, file })
    : parseSpec(text, { ...rest, file, profile })
}

/** Reads a process as `exec` takes it from a file. Throws as `parseSpec` does. */
export function parseProcess(
  text: string,
  options: ParseOptions & Pick<LoadOptions, 'semantics'> = {},
): ProcessSpec {
  return parseAs('the process', processSchema, validateProcess, text, options)
}

/** Reads a container's state, as `state` prints it and hooks are given it. Throws as `parseSpec` does. */
export function parseState(text: string, options: ParseOptions = {}): State {
  return parseAs('the state', stateSchema, judgeShape(stateSchema), text, options)
}

/** Reads what `features` prints. Throws as `parseSpec` does. */
export function parseFeatures(text: string, options: ParseOptions = {}): Features {
  return parseAs('the features', featuresSchema, judgeShape(featuresSchema), text, options)
}
