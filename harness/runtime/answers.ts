import * as v from 'valibot'
import { type Features, featuresSchema, parseJson, type State, stateSchema } from '../spec/index.ts'
import type { FinishedCommand } from './finished-command.ts'
import { eventOf, type RuntimeStats } from './stats.ts'

/** A container in the answer of `list`: less than its state. */
const listedSchema = v.looseObject({
  id: v.string(),
  status: v.string(),
  pid: v.optional(v.number()),
  bundle: v.optional(v.string()),
  rootfs: v.optional(v.string()),
  created: v.optional(v.string()),
  owner: v.optional(v.string()),
})
export interface ListedContainer extends v.InferOutput<typeof listedSchema> {}

/** A container without a process needs no pid. Instead of leaving it out, runc and crun write 0, and runsc -1. */
const answeredState = v.pipe(
  v.unknown(),
  v.transform((answer) => {
    if (typeof answer !== 'object' || answer === null || !('pid' in answer) || answer.pid !== -1)
      return answer
    const { pid: _none, ...state } = answer
    return state
  }),
  stateSchema,
)

/** The answer of `state`. @throws RuntimeError with code RUNTIME_OUTPUT when it is no state */
export function stateIn(command: FinishedCommand): State {
  return answerOf(command, answeredState, 'a state')
}

/** The answer of `list --format json`; runc writes `null` when there is none. */
export function listIn(command: FinishedCommand): readonly ListedContainer[] {
  return answerOf(command, v.nullable(v.array(listedSchema)), 'a list of containers') ?? []
}

/** The answer of `ps --format json`; runc writes `null` when there is none. */
export function pidsIn(command: FinishedCommand): readonly number[] {
  return answerOf(command, v.nullable(v.array(v.number())), 'a list of pids') ?? []
}

/** The answer of `features`. */
export function featuresIn(command: FinishedCommand): Features {
  return answerOf(command, featuresSchema, 'a features document')
}

/** The answer of `events --stats`. */
export function statsIn(command: FinishedCommand): RuntimeStats {
  const stats = eventOf(jsonIn(command))?.stats
  if (stats === undefined) throw command.failure({ kind: 'output', expectation: 'printed no stats event' })
  return stats
}

function answerOf<T>(command: FinishedCommand, schema: v.GenericSchema<unknown, T>, what: string): T {
  const answer = v.safeParse(schema, jsonIn(command))
  if (answer.success) return answer.output
  const issues = answer.issues.map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  })
  const expectation = `printed JSON that is not ${what}: ${issues.join('; ')}`
  throw command.failure({ kind: 'output', expectation })
}

function jsonIn(command: FinishedCommand): unknown {
  const text = command.output()
  if (text.trim() === '')
    throw command.failure({ kind: 'output', expectation: 'printed nothing, where JSON was expected' })
  try {
    return parseJson(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw command.failure(
      { kind: 'output', expectation: `printed something that is not JSON: ${reason}` },
      { cause },
    )
  }
}
