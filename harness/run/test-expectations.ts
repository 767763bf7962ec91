import { createExpect, type ExpectStatic } from 'vitest'
import { matchers } from '../suite/index.ts'

/** What vitest's `expect` knows of the test in which it is used, and leaves there for whoever runs the test. */
interface ExpectingTask {
  /** Without it matchers are not told of the task. */
  readonly type?: 'test'
  readonly name: string
  /** Expectations that were not waited for. */
  readonly promises?: readonly Promise<unknown>[]
  /** What complains of them. */
  readonly onFinished?: readonly (() => unknown)[]
}

/** As vitest has it, for the part of its tasks that matters here. */
interface ExpectMaker {
  createExpect(task?: ExpectingTask): ExpectStatic
}

const vitest: ExpectMaker = { createExpect }

// `expect.poll` asks for its defaults here, where vitest's own workers have all that they were told.
Object.assign(globalThis, { __vitest_worker__: { config: {} } })

/** The `expect` of one test, outside vitest. */
export class TestExpectations {
  readonly task: ExpectingTask
  readonly expect: ExpectStatic

  /** @param name of the test, for vitest's messages */
  constructor(name: string) {
    this.task = { type: 'test', name }
    this.expect = vitest.createExpect(this.task)
    this.expect.extend(matchers)
    // A test of ours has one end, not a list of them: the first expectation that does not hold is it.
    Object.assign(this.expect, { soft: this.expect })
  }

  /** Waits for expectations that the test did not wait for. @throws what they found */
  async settled(): Promise<void> {
    const { promises = [], onFinished = [] } = this.task
    await Promise.all(promises)
    for (const complain of onFinished) await complain()
  }
}
