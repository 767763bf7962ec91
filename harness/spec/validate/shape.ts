import * as v from 'valibot'
import type { JsonPath } from '../json/path.ts'
import type { Schema } from '../schema/notation.ts'
import type { ShapeFinding } from './problem.ts'
import type { ShapeProblemCode } from './problem-kinds.ts'
import { show } from './show.ts'

type Issue = v.BaseIssue<unknown>

function stepsOf(issue: Issue): JsonPath {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
}

/** By the kind of rule that was broken. */
const ruleCodes: Readonly<Record<string, ShapeProblemCode>> = {
  picklist: 'UNKNOWN_VALUE',
  min_length: 'EMPTY',
  regex: 'MALFORMED',
  check: 'OUT_OF_RANGE',
}

function codeOf({ type, input }: Issue): ShapeProblemCode {
  if (input === undefined) return 'MISSING'
  if (type === 'picklist' && typeof input !== 'string') return 'WRONG_TYPE'
  return ruleCodes[type] ?? 'WRONG_TYPE'
}

/** What is wrong with the shape of a value, in the order of the schema. */
export function checkShape(schema: Schema<unknown>, value: unknown): ShapeFinding[] {
  const { issues = [] } = v.safeParse(schema, value)
  return issues.map((issue) => {
    const code = codeOf(issue)
    const message = code === 'MISSING' ? 'is missing' : `${issue.message}, but is ${show(issue.input)}`
    return { code, path: stepsOf(issue), value: issue.input, message }
  })
}
