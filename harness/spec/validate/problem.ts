import { formatPlace, type Place } from '../json/errors.ts'
import { formatPath, type JsonPath } from '../json/path.ts'
import { type ProblemCode, problemKinds, type ShapeProblemCode } from './problem-kinds.ts'
import { sectionOf } from './sections.ts'

/** `error`: a runtime must refuse the configuration. `warning`: it may accept it, yet something is off. */
export type Severity = 'error' | 'warning'

/** One thing wrong with a configuration. */
export interface Problem {
  readonly code: ProblemCode
  readonly severity: Severity
  /** Where, as people write it: `process.rlimits[0].type`; the empty string is the whole. */
  readonly path: string
  /** The same as steps. */
  readonly steps: JsonPath
  /** What stands there; `undefined` where something is missing. */
  readonly value: unknown
  /** What is wrong, in a sentence that names neither file nor path. */
  readonly message: string
  /** The section of the specification, such as `config.md#posix-process`. */
  readonly source: string
  /** Where in the text, when there is one. */
  readonly place?: Place
}

/** What a check finds, before severity and section are looked up by its code. */
export interface Finding {
  readonly code: Exclude<ProblemCode, ShapeProblemCode>
  readonly path: JsonPath
  readonly value: unknown
  readonly message: string
  /** Where the rule's weight depends on the version; else the code's. */
  readonly severity?: Severity
}

/** What is wrong with the shape of a value. */
export interface ShapeFinding {
  readonly code: ShapeProblemCode
  readonly path: JsonPath
  readonly value: unknown
  readonly message: string
}

/**
 * Completes a finding from the table of kinds.
 *
 * @param within where in a configuration the value stands that the finding's path begins at.
 */
export function problemOf(finding: Finding | ShapeFinding, within: JsonPath = []): Problem {
  const { code, path, value, message } = finding
  const kind = problemKinds[code]
  return {
    code,
    severity: ('severity' in finding ? finding.severity : undefined) ?? kind.severity,
    path: formatPath(path),
    steps: path,
    value,
    message,
    source: 'source' in kind ? kind.source : sectionOf([...within, ...path]),
  }
}

/** A problem on one line: `config.json:12:5: process.cwd: must be absolute, got "tmp" (config.md#process)`. */
export function formatProblem({ path, message, source, severity, place }: Problem, file?: string): string {
  const where = place === undefined ? file : formatPlace({ file, ...place })
  const parts = [where, path, severity === 'warning' ? `warning: ${message}` : message]
  return `${parts.filter((part) => part !== undefined && part !== '').join(': ')} (${source})`
}
