import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { type Hooks, hookKinds, hookSchema } from '../schema/hooks.ts'
import type { GardenContainer } from './container.ts'
import { GardenHookError } from './errors.ts'
import { checkStage, copyHook } from './hooks.ts'
import { initPath } from './mounts.ts'

const conditions = v.strictObject({
  /** Whether the hook is for every container. */
  always: v.optional(v.boolean()),
  /** Patterns of annotations: one of the container's has to match for each entry. */
  annotations: v.optional(v.record(v.string(), v.string())),
  /** Patterns of the container's program: one has to match. */
  commands: v.optional(v.array(v.string())),
  /** Whether the container has bind mounts. */
  hasBindMounts: v.optional(v.boolean()),
})
type Conditions = v.InferOutput<typeof conditions>

/** A hook file of version 1.0.0 (oci-hooks(5)). */
const hookFile = v.strictObject({
  version: v.literal('1.0.0'),
  hook: hookSchema,
  when: v.optional(conditions, { always: true }),
  stages: v.array(v.string()),
})
type HookFile = v.InferOutput<typeof hookFile>

/**
 * Reads the hooks an operator has put into a directory: every `*.json` file of it in the order of their names, each
 * with one hook, the stages it runs at, and the containers it is for. A file without `when` is for every container.
 *
 * @param directory Absolute path of the directory.
 * @param container For whom: hooks whose `when` does not hold are left out.
 * @throws {GardenHookError} that names the file, when the directory or a file cannot be read, is not a hook file, or
 * names a stage there is none of.
 */
export async function readHooksDirectory(directory: string, container: GardenContainer): Promise<Hooks> {
  const hooks: Hooks = {}
  for (const path of await hookFiles(directory)) {
    const { hook, when, stages } = await readHookFile(path)
    const kinds = stages.map((stage) => checkStage(stage, path))
    if (!appliesTo(container, when, path)) continue
    for (const kind of hookKinds.filter((known) => kinds.includes(known))) {
      hooks[kind] = [...(hooks[kind] ?? []), copyHook(hook, path)]
    }
  }
  return hooks
}

async function hookFiles(directory: string): Promise<string[]> {
  try {
    const names = await readdir(directory)
    return names
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => join(directory, name))
  } catch (cause) {
    throw new GardenHookError(`hooks directory ${directory} cannot be read`, { cause })
  }
}

async function readHookFile(path: string): Promise<HookFile> {
  const result = v.safeParse(hookFile, await readJson(path))
  if (result.success) return result.output
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`)
  throw new GardenHookError(`${path} is not a hook file: ${problems.join('; ')}`)
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new GardenHookError(`${path} cannot be read as JSON`, { cause })
  }
}

/** All conditions there are have to hold; a `when` without any is for no container. */
function appliesTo(container: GardenContainer, when: Conditions, path: string): boolean {
  const { always, annotations, commands, hasBindMounts } = when
  const bound = (container.bindMounts ?? []).length > 0
  const answers = [
    always,
    annotations && hasAnnotations(container.properties ?? {}, annotations, path),
    commands?.some((command) => pattern(command, path).test(initPath)),
    hasBindMounts === undefined ? undefined : hasBindMounts === bound,
  ].filter((answer) => answer !== undefined)
  return answers.length > 0 && answers.every(Boolean)
}

function hasAnnotations(
  properties: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  path: string,
): boolean {
  return Object.entries(wanted).every(([key, value]) =>
    Object.entries(properties).some(
      ([name, content]) => pattern(key, path).test(name) && pattern(value, path).test(content),
    ),
  )
}

function pattern(text: string, path: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (cause) {
    throw new GardenHookError(`${path}: '${text}' is not a regular expression`, { cause })
  }
}
