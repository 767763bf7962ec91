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

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isInteger(value)
}

function codeOf({ kind, type, input }: Issue): ShapeProblemCode {
  if (input === undefined) return 'MISSING'
  if (kind === 'validation') return type === 'min_length' ? 'EMPTY' : 'MALFORMED'
  if (type === 'picklist' && typeof input === 'string') return 'UNKNOWN_VALUE'
  return type === 'custom' && isInteger(input) ? 'OUT_OF_RANGE' : 'WRONG_TYPE'
}

/** What is wrong with the shape of a value, in the order of the schema. */
export function checkShape(schema: Schema<unknown>, value: unknown): ShapeFinding[] {
  const { issues = [] } = v.safeParse(schema, value)
  return issues.map((issue) => {
    const code = codeOf(issue)
    const message =
      code === 'MISSING' ? 'is missing' : `${issue.message}, but is ${show(issue.input)}`
    return { code, path: stepsOf(issue), value: issue.input, message }
  })
}
