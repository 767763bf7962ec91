import { expect, type TestContext } from 'vitest'
import { cleanDeadSessions } from './index.ts'
import { RunPlace, whyNoRuns } from './killable-run.fixture.ts'

/**
 * A place for the runs of one test, which is skipped where there can be none. For `beforeEach`, with its end: whatever
 * still runs is killed and cleaned up after, and nothing may be left of it. The place itself goes in any case.
 */
export function openOwnPlace(context: TestContext): {
  readonly place: RunPlace
  readonly end: () => Promise<void>
} {
  const reason = whyNoRuns()
  context.skip(reason !== undefined, reason)
  const place = new RunPlace()
  const end = async () => {
    try {
      await place.killRuns()
      const report = await cleanDeadSessions({ sessions: place.sessions, bundles: place.bundles, kept: true })
      expect(place.traces(), JSON.stringify(report)).toEqual([])
    } finally {
      place.remove()
    }
  }
  return { place, end }
}
