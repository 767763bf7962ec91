import { stripVTControlCharacters } from 'node:util'
import type { Fault, FaultAccount } from '../fault/index.ts'
import type { TestReport } from '../suite/index.ts'
import type { FaultRecord, Verdict } from './proof.ts'

/** What is run to find out about one fault: ids of tests. */
export interface Trial {
  readonly fault: Fault
  readonly covering: readonly string[]
  readonly unrelated: readonly string[]
  /** Why nothing can be found out about the fault on this runtime. */
  readonly hopeless?: string
}

/** What a trial has shown. A test that was skipped has shown nothing. */
export function recordOf(
  { fault, covering, unrelated }: Trial,
  reports: readonly TestReport[],
  { changes }: FaultAccount,
): FaultRecord {
  const ran = reports.filter(({ outcome }) => outcome !== 'skip')
  const asked = ran.filter(({ id }) => covering.includes(id))
  const idsOf = (kind: Notice, of: readonly TestReport[]) =>
    of.filter((report) => noticeOf(report) === kind).map(({ id }) => id)
  const beside = ran.filter(({ id }) => unrelated.includes(id))
  const found = {
    failed: idsOf('failed', asked),
    disturbed: idsOf('disturbed', asked),
    passed: idsOf('passed', asked),
  }
  return {
    ...recordStart(fault),
    ...verdictOf(fault, found),
    ...found,
    unrelated: {
      ran: beside.length,
      red: beside.filter((report) => noticeOf(report) !== 'passed').map(({ id }) => id),
    },
    words: wordsOf(ran),
    changes,
    testMs: Math.round(reports.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  }
}

/** The record of a fault that nothing can be found out about on this runtime. */
export function notApplicable(fault: Fault, reason: string): FaultRecord {
  return {
    ...recordStart(fault),
    verdict: 'not-applicable',
    reason,
    failed: [],
    disturbed: [],
    passed: [],
    unrelated: { ran: 0, red: [] },
    words: {},
    changes: 0,
    testMs: 0,
  }
}

function recordStart({ id, area, sentence, violates }: Fault) {
  return { id, area, sentence, breaksEverything: violates === 'everything' }
}

type Notice = 'failed' | 'disturbed' | 'passed'

function noticeOf({ outcome, leaks = [] }: TestReport): Notice {
  if (outcome === 'fail') return 'failed'
  return outcome === 'broken' || leaks.length > 0 ? 'disturbed' : 'passed'
}

/** What the tests that are not green said first. */
function wordsOf(reports: readonly TestReport[]): Record<string, string> {
  const red = reports.filter((report) => noticeOf(report) !== 'passed')
  return Object.fromEntries(
    red.map(({ id, reason, error, leaks = [] }) => {
      const left = leaks.map(({ kind, what }) => `left behind: ${kind} ${what}`)
      const [first = ''] = stripVTControlCharacters(reason ?? error?.message ?? left.join(', ')).split(
        '\n',
        1,
      )
      return [id, first]
    }),
  )
}

function verdictOf(
  { violates, unseen }: Fault,
  { failed, disturbed, passed }: Pick<FaultRecord, 'failed' | 'disturbed' | 'passed'>,
): { readonly verdict: Verdict; readonly reason?: string } {
  const isMissed = violates === 'everything' ? passed.length > 0 : failed.length + disturbed.length === 0
  if (!isMissed) return { verdict: failed.length > 0 ? 'killed' : 'noticed' }
  return unseen === undefined ? { verdict: 'survived' } : { verdict: 'unseen', reason: unseen }
}
