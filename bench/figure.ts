import type { TestContext } from 'vitest'
import { hasFallenBack, purpose } from './reference.ts'

/** What a figure is measured in. `ratio` is the subject's time over its floor's, in the same run. */
export type Unit = 'ratio' | 'ms' | 'MB'

/** One measured figure. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: Unit
  /** The most that it may be. */
  readonly target: number
  /** Medians in milliseconds, where it is a ratio. */
  readonly medians?: { readonly subject: number; readonly floor: number }
}

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figure[]
  }
}

/** Reports a figure of the test that measured it. */
export function report({ task }: TestContext, figure: Figure): void {
  task.meta.figures = [...(task.meta.figures ?? []), figure]
}

/**
 * A piece of work to be timed, with what has to be made before and removed after it outside the time. It is given a
 * number that no other piece of work gets.
 */
export interface Work {
  readonly prepare?: (number: number) => Promise<void> | void
  readonly perform: (number: number) => Promise<unknown> | unknown
  readonly remove?: (number: number) => Promise<void> | void
}

/** What is compared. */
export interface Comparison {
  readonly name: string
  readonly subject: Work
  /** The least that anybody needs for the same. */
  readonly floor: Work
  readonly rounds: number
  readonly target: number
}

/** How often a guard measures what seems to have fallen back. */
const mostAttempts = 3

/**
 * Measures a ratio. A guard that finds it fallen back measures again and takes the best: a machine that was busy with
 * something else finds so once, code that is worse finds so each time.
 */
export async function steadily(measure: () => Promise<Figure>): Promise<Figure> {
  let best = await measure()
  for (let attempt = 1; purpose === 'guard' && hasFallenBack(best) && attempt < mostAttempts; attempt += 1) {
    const next = await measure()
    if (next.value < best.value) best = next
  }
  return best
}

/** Work that is done before anything is measured, so that caches are warm and code is compiled. */
const warmUps = 3

/**
 * Times the subject and its floor in turns, the one first in one round and the other in the next, so that whatever else
 * the machine does falls on both.
 *
 * @returns the median of the ratios of the rounds
 */
export async function compare(comparison: Comparison): Promise<Figure> {
  return await steadily(() => compareOnce(comparison))
}

async function compareOnce({ name, subject, floor, rounds, target }: Comparison): Promise<Figure> {
  const times = { subject: [] as number[], floor: [] as number[] }
  for (let round = -warmUps; round < rounds; round += 1) {
    const order = [
      [times.subject, subject],
      [times.floor, floor],
    ] as const
    for (const [list, work] of round % 2 === 0 ? order : order.toReversed()) {
      const time = await timeOf(work)
      if (round >= 0) list.push(time)
    }
  }
  return {
    name,
    unit: 'ratio',
    value: median(times.subject.map((time, round) => time / (times.floor[round] ?? Number.NaN))),
    target,
    medians: { subject: median(times.subject), floor: median(times.floor) },
  }
}

/** The median time of some work, in milliseconds. */
export async function medianTime(work: Work, rounds: number): Promise<number> {
  const times: number[] = []
  for (let round = -warmUps; round < rounds; round += 1) {
    const time = await timeOf(work)
    if (round >= 0) times.push(time)
  }
  return median(times)
}

let lastNumber = 0

async function timeOf({ prepare, perform, remove }: Work): Promise<number> {
  lastNumber += 1
  const number = lastNumber
  await prepare?.(number)
  const startedAt = performance.now()
  await perform(number)
  const time = performance.now() - startedAt
  await remove?.(number)
  return time
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = low] = sorted.slice(sorted.length % 2 === 0 ? middle - 1 : middle)
  return sorted.length % 2 === 0 ? (low + high) / 2 : low
}
