import { ownPlace } from '../host/index.ts'

/** What an explanation is made of: the error and the reason of a test. */
export interface Explained {
  readonly error?: { readonly message: string; readonly cause?: string; readonly stack?: string }
  readonly reason?: string
  /** Of a test that is somebody's own. */
  readonly module?: string
}

/**
 * What a test says about its outcome: its error with a cause that the message does not tell yet, or its reason. A test of
 * somebody's own also says where it was.
 */
export function explanationOf({ error, reason, module }: Explained): string {
  if (error === undefined) return reason ?? 'no reason was given'
  const place = module === undefined ? undefined : ownPlace(error.stack)
  const text = [withCause(error), ...(place === undefined ? [] : [`at ${place}`])].join('\n')
  return reason === undefined || text.includes(reason) || reason.includes(error.message)
    ? text
    : `${reason}\n${text}`
}

function withCause({ message, cause }: NonNullable<Explained['error']>): string {
  return cause === undefined || message.includes(cause) ? message : `${message}\ncause: ${cause}`
}
