import type { Evidence, TestReport } from '../suite/index.ts'
import type { RunPlan } from './plan.ts'

/** What a worker is told: first what to run, and later, perhaps, to begin no further test and to cut those under way short. */
export type WorkerOrder = { readonly kind: 'run'; readonly plan: RunPlan } | { readonly kind: 'stop' }

/** What a worker tells. */
export type WorkerNews =
  | { readonly kind: 'started'; readonly testId: string }
  | { readonly kind: 'ended'; readonly report: TestReport; readonly evidence?: Evidence | undefined }
  /** Something went wrong outside any test. */
  | { readonly kind: 'error'; readonly error: string }
  /** There is nothing more to come. */
  | { readonly kind: 'done' }

/** Tells the launcher. */
export type Tell = (news: WorkerNews) => void

/** Whether something that came over the channel between launcher and worker is an order: nobody else is on it. */
export function isOrder(message: unknown): message is WorkerOrder {
  return isOfKind(message, ['run', 'stop'])
}

/** Whether it is news. */
export function isNews(message: unknown): message is WorkerNews {
  return isOfKind(message, ['started', 'ended', 'error', 'done'])
}

function isOfKind(message: unknown, kinds: readonly unknown[]): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && kinds.includes(message.kind)
}
