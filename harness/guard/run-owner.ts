import { isMainThread } from 'node:worker_threads'
import { type Owner, ownerOf, ownSelf } from './owner.ts'

/** What tells a worker of a test run from any other process. */
export interface ProcessPlace {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isMainThread: boolean
  /** Whether a parent talks to this process over the channel of child_process.fork(). */
  readonly hasChannel: boolean
}

/**
 * Whether this process is a worker that a vitest run has forked. vitest numbers its workers in VITEST_POOL_ID; its
 * worker threads have the number too, but live in the run's own process, and what a test starts inherits the variable,
 * but not the channel.
 */
export function isForkedWorker({ environment, isMainThread, hasChannel }: ProcessPlace): boolean {
  return environment['VITEST_POOL_ID'] !== undefined && isMainThread && hasChannel
}

/** The process whose end is the end of the run that this one takes part in: this one, or the one that forked it. */
export function runOwner(): Owner {
  const place = { environment: process.env, isMainThread, hasChannel: process.send !== undefined }
  const parent = isForkedWorker(place) ? ownerOf(process.ppid) : undefined
  return parent ?? ownSelf()
}
