/**
 * Does what the documents say: every command and every example, in order, in a runtime's repository in which the packed
 * package is installed. One document alone: `npx vitest run --project runtime docs/check -t docs/run.md`.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findProgram, packageDirectory } from '../../harness/host/index.ts'
import {
  blocksOf,
  type Command,
  commandsOf,
  type Example,
  examplesOf,
  missingLines,
  pagesIn,
  promisedOutput,
} from './blocks.ts'
import { Repository } from './pages.fixture.ts'
import { trialOf } from './trials.ts'

const checkout = `${packageDirectory()}/`.replace('//', '/')
const isRoot = process.getuid?.() === 0
const timeout = 300_000

let repository: Repository

beforeAll(async () => {
  if (isRoot) repository = await Repository.make()
}, timeout)
afterAll(async () => {
  if (isRoot) await repository.remove()
})
beforeEach((context) => context.skip(!isRoot, 'needs root: it runs containers'))

const pages = pagesIn(checkout).map((page) => {
  const blocks = blocksOf(checkout, page)
  return { page, commands: commandsOf(blocks), examples: examplesOf(blocks) }
})

describe.each(pages.filter(({ commands, examples }) => commands.length + examples.length > 0))(
  '$page',
  ({ commands, examples }) => {
    const steps = [
      ...commands.map((command) => ({ line: command.line, what: command.text, command })),
      ...examples.map((example) => ({ line: example.line, what: 'example', example })),
    ].sort((one, other) => one.line - other.line)

    test.for(steps)('line $line: $what', { timeout }, async (step, { skip }) => {
      if ('command' in step) await tryCommand(step.command, (reason) => skip(true, reason))
      else await tryExample(step.example)
    })
  },
)

test('the examples of all documents have types that a strict compiler accepts', { timeout }, async () => {
  const { exitCode, all } = await repository.checkTypes(pages.flatMap(({ examples }) => examples))
  expect(exitCode, all).toBe(0)
})

async function tryCommand({ page, text, output }: Command, skip: (reason: string) => void): Promise<void> {
  const trial = trialOf(text)
  if (trial.untried !== undefined) return skip(trial.untried)
  if (trial.needs !== undefined && findProgram(trial.needs) === undefined)
    return skip(`needs ${trial.needs}, which is not there`)
  const places = {
    repository: async () => repository.place(page),
    checkout: async () => checkout,
    copy: async () => await repository.copyCheckout(),
  }
  const { exitCode, all } = await repository.run(trial.instead ?? text, await places[trial.where]())
  expect(exitCode, all).toBe(trial.exitCode)
  expect(missingLines(output, all), all).toEqual([])
}

async function tryExample(example: Example): Promise<void> {
  const place = repository.place(example.page)
  const { exitCode, all } = await repository.runExample(example)
  expect(exitCode, all).toBe(0)
  const promised = promisedOutput(example.code)
  if (promised !== '') expect(plain(all.replaceAll(`${place}/`, ''))).toBe(plain(promised))
}

/** Without line breaks, which stand elsewhere in a comment than on a terminal. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
