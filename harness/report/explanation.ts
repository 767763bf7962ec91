import type { ReportedError, TestReport } from '../suite/index.ts'

/** What a test says about its outcome: its error with a cause that the message does not tell yet, or its reason. */
export function explanationOf({ error, reason }: Pick<TestReport, 'error' | 'reason'>): string {
  if (error === undefined) return reason ?? 'no reason was given'
  const text = withCause(error)
  return reason === undefined || text.includes(reason) || reason.includes(error.message)
    ? text
    : `${reason}\n${text}`
}

function withCause({ message, cause }: ReportedError): string {
  return cause === undefined || message.includes(cause) ? message : `${message}\ncause: ${cause}`
}
