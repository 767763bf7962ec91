/** What an explanation is made of: the error and the reason of a test. */
export interface Explained {
  readonly error?: { readonly message: string; readonly cause?: string }
  readonly reason?: string
}

/** What a test says about its outcome: its error with a cause that the message does not tell yet, or its reason. */
export function explanationOf({ error, reason }: Explained): string {
  if (error === undefined) return reason ?? 'no reason was given'
  const text = withCause(error)
  return reason === undefined || text.includes(reason) || reason.includes(error.message)
    ? text
    : `${reason}\n${text}`
}

function withCause({ message, cause }: NonNullable<Explained['error']>): string {
  return cause === undefined || message.includes(cause) ? message : `${message}\ncause: ${cause}`
}
