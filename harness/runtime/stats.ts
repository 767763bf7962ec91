import * as v from 'valibot'

/** A counter; a bigint where a number could not hold it exactly. */
const count = v.optional(v.union([v.number(), v.bigint()]))
const counts = v.optional(v.array(v.union([v.number(), v.bigint()])))

const memoryUsage = v.optional(v.looseObject({ limit: count, usage: count, max: count, failcnt: count }))

/** What runc measures of a container. Everything is optional: it depends on the host's controllers and on the version. */
const statsSchema = v.looseObject({
  cpu: v.optional(
    v.looseObject({
      /** Nanoseconds. */
      usage: v.optional(v.looseObject({ total: count, percpu: counts, kernel: count, user: count })),
      throttling: v.optional(
        v.looseObject({ periods: count, throttledPeriods: count, throttledTime: count }),
      ),
    }),
  ),
  memory: v.optional(
    v.looseObject({
      cache: count,
      /** Bytes. */
      usage: memoryUsage,
      swap: memoryUsage,
      kernel: memoryUsage,
      raw: v.optional(v.record(v.string(), count)),
    }),
  ),
  pids: v.optional(v.looseObject({ current: count, limit: count })),
})
export type RuntimeStats = v.InferOutput<typeof statsSchema>

/** One event of a container. */
export interface RuntimeEvent {
  /** `stats`, `oom`, or another the runtime knows. */
  readonly type: string
  readonly id: string
  /** The measurements of a `stats` event. */
  readonly stats: RuntimeStats | undefined
  /** Everything the runtime said. */
  readonly data: unknown
}

const eventSchema = v.looseObject({
  type: v.string(),
  id: v.optional(v.string(), ''),
  data: v.optional(v.unknown()),
})

/**
 * Makes an event of what a runtime printed as one.
 *
 * @returns undefined when that is no event
 */
export function eventOf(value: unknown): RuntimeEvent | undefined {
  const event = v.safeParse(eventSchema, value)
  if (!event.success) return undefined
  const { type, id, data } = event.output
  const stats = type === 'stats' ? v.safeParse(statsSchema, data) : undefined
  if (stats !== undefined && !stats.success) return undefined
  return { type, id, stats: stats?.output, data }
}
