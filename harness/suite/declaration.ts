import { RunwrightError } from '../host/index.ts'
import type { TestContext } from './context.ts'
import type { Need } from './need.ts'

/** The time a test has when it names no other, in milliseconds. */
export const defaultTestTimeoutMs = 30_000

/** What a test says of itself before it runs. */
export interface TestOptions {
  /** Ids of the requirements this test judges, from the catalogue. */
  readonly covers: readonly string[]
  /** What the test requires of host and runtime; probed before the body runs, an unmet need skips it. */
  readonly needs?: readonly Need[]
  /** Deadline of the body in milliseconds; past it the test is `broken`. */
  readonly timeoutMs?: number
}

/** The body of a test: plain vitest, on the context that the harness prepares for it. */
export type TestBody = (context: TestContext) => Promise<void>

/** One test of a suite, not yet bound to a runtime. */
export interface TestDeclaration extends TestOptions {
  /** `<suite>/<title in kebab case>`: stable and unique. */
  readonly id: string
  readonly suite: string
  readonly title: string
  readonly needs: readonly Need[]
  readonly timeoutMs: number
  readonly body: TestBody
}

/** The tests of one area, in the order in which they were written. */
export interface SuiteDeclaration {
  readonly name: string
  readonly tests: readonly TestDeclaration[]
}

/** How a suite declares one test: a sentence, what it covers and needs, and its body. */
export type DeclareTest = (title: string, options: TestOptions, body: TestBody) => void

/** Two tests would answer to the same id, or an id would be empty. */
export class TestDeclarationError extends RunwrightError {
  override readonly code = 'TEST_DECLARATION'
}

/**
 * Declares the suite of one area. Nothing runs yet: `registerSuites` binds the declaration to a test function
 * and a runtime.
 *
 * @param name the area, lower-case kebab case; the first half of every test id
 * @param declare called at once with the function that declares a test
 * @throws TestDeclarationError when two titles give the same id or a title holds no letter or digit
 */
export function suite(
  name: string,
  declare: (declarations: { readonly test: DeclareTest }) => void,
): SuiteDeclaration {
  const tests = new Map<string, TestDeclaration>()
  declare({
    test: (title, options, body) => {
      const id = testId(name, title)
      if (tests.has(id)) throw new TestDeclarationError(`two tests of suite '${name}' have the id '${id}'`)
      tests.set(id, {
        ...options,
        id,
        suite: name,
        title,
        needs: options.needs ?? [],
        timeoutMs: options.timeoutMs ?? defaultTestTimeoutMs,
        body,
      })
    },
  })
  return { name, tests: [...tests.values()] }
}

/**
 * The id of a test: `suite/kebab-title`.
 *
 * @throws TestDeclarationError when nothing of the title is left
 */
export function testId(suiteName: string, title: string): string {
  const kebab = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  if (kebab === '')
    throw new TestDeclarationError(`the title '${title}' of suite '${suiteName}' gives no test id`)
  return `${suiteName}/${kebab}`
}
