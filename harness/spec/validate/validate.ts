import type { JsonPath } from '../json/path.ts'
import type { Schema } from '../schema/notation.ts'
import { type OldSpec, oldSpecSchema } from '../schema/old-spec.ts'
import { type ProcessSpec, processSchema } from '../schema/process.ts'
import type { DeepReadonly } from '../schema/readonly.ts'
import { specSchema } from '../schema/spec.ts'
import { type Check, type Subject, subjectOf } from './check.ts'
import { checkConfinement } from './checks/confinement.ts'
import { checkDevices } from './checks/devices.ts'
import { checkDocument } from './checks/document.ts'
import { checkHooks } from './checks/hooks.ts'
import { checkMounts } from './checks/mounts.ts'
import { checkNamespaces } from './checks/namespaces.ts'
import { checkPlatform } from './checks/platform.ts'
import { checkProcess } from './checks/process.ts'
import { checkResources } from './checks/resources.ts'
import { checkTexts } from './checks/texts.ts'
import { type Finding, type Problem, problemOf, type ShapeFinding } from './problem.ts'
import { inReadingOrder } from './reading-order.ts'
import { checkShape } from './shape.ts'
import { type SoundPart, soundPart } from './sound-part.ts'

const checks: readonly Check[] = [
  checkDocument,
  checkTexts,
  checkProcess,
  checkMounts,
  checkHooks,
  checkNamespaces,
  checkDevices,
  checkResources,
  checkConfinement,
]

function runChecks(subject: Subject): Finding[] {
  return checks.flatMap((check) => [...check(subject)])
}

/** Whether one path leads through the other. */
function concern(left: JsonPath, right: JsonPath): boolean {
  const common = Math.min(left.length, right.length)
  return left.slice(0, common).every((step, depth) => step === right[depth])
}

/** What the sound part of a value means. */
type Meaning<T> = (part: SoundPart<T>, isSound: Subject['isSound']) => Finding[]

/** Shape first, then what the sound part means; what only follows from a wrong shape is not repeated. */
function examine<T>(
  schema: Schema<T>,
  value: unknown,
  standIns: { readonly [name: string]: unknown },
  meaning: Meaning<T>,
): (Finding | ShapeFinding)[] {
  const misshapen = checkShape(schema, value)
  const part = soundPart(schema, value, standIns)
  const isSound = (path: JsonPath) => !misshapen.some((shape) => concern(shape.path, path))
  const findings = part === undefined ? [] : meaning(part, isSound)
  const own = findings.filter(({ path }) => isSound(path))
  return inReadingOrder([...misshapen, ...own], value)
}

/** A configuration of today's form with the same meaning, for the checks. */
function modernise({ process, ...rest }: DeepReadonly<OldSpec>): Subject['spec'] {
  if (process === undefined) return rest
  const { capabilities, ...others } = process
  return capabilities === undefined
    ? { ...rest, process: others }
    : { ...rest, process: { ...others, capabilities: { bounding: capabilities } } }
}

/** Where the old list of capabilities was, for paths that name one of today's sets. */
function oldPath(path: JsonPath): JsonPath {
  const [first, second, set, ...rest] = path
  return first === 'process' && second === 'capabilities' && set === 'bounding'
    ? [first, second, ...rest]
    : path
}

function examineOld(value: unknown): (Finding | ShapeFinding)[] {
  const standIns = { ociVersion: '', platform: { os: '', arch: '' } }
  return examine(oldSpecSchema, value, standIns, (part, isSound) => {
    const findings = runChecks(subjectOf({ ...part, value: modernise(part.value) }, isSound))
    const moved = findings.map((finding) => ({ ...finding, path: oldPath(finding.path) }))
    return [...checkPlatform(part.value), ...moved]
  })
}

/** Which rules a configuration is held to. */
export interface ValidateOptions {
  /** `runc-1.0.0-rc3`: the form from before `platform` went; its platform has to be this machine's. */
  readonly profile?: 'runc-1.0.0-rc3' | undefined
}

/**
 * Finds everything that is wrong with a configuration, in reading order: first by its shape, then by what the
 * specification and the kernel demand. Never throws and never changes anything.
 *
 * @param spec any value at all.
 * @returns an empty list for a configuration a runtime has to accept as far as one can tell without the machine.
 */
export function validateSpec(spec: unknown, { profile }: ValidateOptions = {}): Problem[] {
  if (profile === 'runc-1.0.0-rc3') return examineOld(spec).map((finding) => problemOf(finding))
  const findings = examine(specSchema, spec, { ociVersion: '' }, (part, isSound) =>
    runChecks(subjectOf(part, isSound)),
  )
  return findings.map((finding) => problemOf(finding))
}

/** Checks a process as if it were part of a configuration. */
function checkAlone(part: SoundPart<DeepReadonly<ProcessSpec>>, isSound: Subject['isSound']): Finding[] {
  const spec = { ociVersion: '1.3.0', process: part.value }
  const subject = subjectOf({ ...part, value: spec }, (path) => isSound(path.slice(1)))
  return [...checkProcess(subject), ...checkTexts(subject)].map((finding) => ({
    ...finding,
    path: finding.path.slice(1),
  }))
}

/**
 * Finds everything that is wrong with a process, as `exec` takes it from a file: the rules are those for the `process`
 * of a configuration, the paths begin inside it (`cwd`, `args[0]`).
 */
export function validateProcess(process: unknown): Problem[] {
  const findings = examine(processSchema, process, { cwd: '' }, checkAlone)
  return findings.map((finding) => problemOf(finding, ['process']))
}
