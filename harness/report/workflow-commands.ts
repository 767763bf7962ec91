import type { Requirement } from '../suite/index.ts'
import { explanationOf } from './explanation.ts'
import { printable } from './printable.ts'
import { againCommand } from './repetition.ts'
import type { Results } from './results.ts'
import { runProblems } from './run-problems.ts'

/** GitHub shows ten annotations of a step and drops the rest. */
const mostAnnotations = 10

/**
 * What is red as annotations of a GitHub workflow; see GitHub's documentation of workflow commands.
 *
 * @returns one line an annotation; empty where nothing is red
 */
export function annotations(results: Results, catalogue: ReadonlyMap<string, Requirement>): string {
  const red = results.tests.filter(({ outcome }) => outcome === 'fail' || outcome === 'broken')
  const all = [
    ...runProblems(results).map(({ title, detail }) => annotation(title, detail)),
    ...red.map((test) => {
      const wanted = test.covers.flatMap((id) => catalogue.get(id) ?? [])
      const statements = wanted.map(({ level, statement }) => `${level}: ${statement}`)
      const message = [...statements, explanationOf(test), `again: ${againCommand(test, results)}`].join('\n')
      return annotation(`${test.runtime}: ${test.title} (${test.outcome})`, message)
    }),
  ]
  return all.slice(0, mostAnnotations).join('\n')
}

function annotation(title: string, message: string): string {
  return `::error title=${escapedProperty(printable(title))}::${escaped(printable(message))}`
}

/** Text that stays the message of its command: no line end begins another. */
function escaped(text: string): string {
  return text.replace(/[%\r\n]/g, (character) => encodeURIComponent(character))
}

function escapedProperty(text: string): string {
  return escaped(text).replace(/[:,]/g, (character) => encodeURIComponent(character))
}

/**
 * Text that a GitHub workflow's log shows as it is: whatever a runtime or container printed, none of it is a command.
 *
 * @param token that nobody who wrote the text could know
 */
export function withoutWorkflowCommands(text: string, token: string): string {
  return `::stop-commands::${token}\n${text}\n::${token}::`
}
