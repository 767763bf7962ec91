import { atThisPace, RunwrightError } from '../host/index.ts'
import type { TestContext } from './context.ts'
import type { Need } from './need.ts'

/** The time a test has when it names no other, in milliseconds. */
export const defaultTestTimeoutMs = 30_000

/** What a test says of itself before it runs. */
export interface TestOptions {
  /** Ids of the requirements this test judges, from the catalogue; none without it. */
  readonly covers?: readonly string[]
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
  /** The module that it comes from, as whoever ran it named it; absent for what Runwright ships. */
  readonly module?: string
  readonly covers: readonly string[]
  readonly needs: readonly Need[]
  readonly timeoutMs: number
  readonly body: TestBody
}

/** The tests of one area, in the order in which they were written. */
export interface SuiteDeclaration {
  readonly name: string
  readonly tests: readonly TestDeclaration[]
}

/** How a suite declares one test: a sentence, what it covers and needs where it does, and its body. */
export interface DeclareTest {
  (title: string, body: TestBody): void
  (title: string, options: TestOptions, body: TestBody): void
}

/** A suite or one of its tests is not declared as it should be: by its name, its options, or twice. */
export class TestDeclarationError extends RunwrightError {
  override readonly code = 'TEST_DECLARATION'
}

/**
 * Declares the suite of one area. Nothing runs yet: a module that exports it is for `runwright run --suites`, and
 * `defineSuites(test, { suites: […] })` registers it with your vitest.
 *
 * @example
 * import { suite } from 'runwright'
 *
 * export const greeting = suite('greeting', ({ test }) => {
 *   test('a container prints what its program prints', async ({ bundles, runtime, expect }) => {
 *     const bundle = await bundles.busybox('hello', ['echo', 'hello'])
 *     expect(await runtime.run(bundle)).toHavePrinted('hello\n')
 *   })
 * })
 *
 * @param name the area, lower-case kebab case; the first half of every test id
 * @param declare called at once with the function that declares a test
 * @throws TestDeclarationError when the name or an option is none, or two titles give the same id
 */
export function suite(
  name: string,
  declare: (declarations: { readonly test: DeclareTest }) => void,
): SuiteDeclaration {
  if (!kebabCase.test(name))
    throw new TestDeclarationError(
      `'${name}' is no name for a suite: lower-case letters, digits and - between them, as in 'my-suite'`,
    )
  const tests = new Map<string, TestDeclaration>()
  const test: DeclareTest = (
    title: string,
    ...given: readonly [TestBody] | readonly [TestOptions, TestBody]
  ) => {
    const declared = declaration(name, title, given)
    if (tests.has(declared.id))
      throw new TestDeclarationError(`two tests of suite '${name}' have the id '${declared.id}'`)
    tests.set(declared.id, declared)
  }
  const returned: unknown = declare({ test })
  if (returned instanceof Promise)
    throw new TestDeclarationError(
      `suite '${name}' is declared by an asynchronous function: its tests have to be declared at once`,
    )
  return { name, tests: [...tests.values()] }
}

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/

function declaration(
  suite: string,
  title: string,
  given: readonly [TestBody] | readonly [TestOptions, TestBody],
): TestDeclaration {
  const id = testId(suite, title)
  const [options, body] = given.length === 1 ? [{}, given[0]] : given
  const unknown = Object.keys(options).find((name) => !knownOptions.has(name))
  if (unknown !== undefined)
    throw new TestDeclarationError(
      `test '${id}' has no option '${unknown}'; it knows ${[...knownOptions].join(', ')}`,
    )
  if (typeof body !== 'function') throw new TestDeclarationError(`test '${id}' has no body`)
  const { covers = [], needs = [], timeoutMs = defaultTestTimeoutMs } = options
  return { id, suite, title, covers, needs, timeoutMs: atThisPace(timeoutMs), body }
}

const knownOptions: ReadonlySet<string> = new Set([
  'covers',
  'needs',
  'timeoutMs',
] satisfies (keyof TestOptions)[])

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
