import type { Effect, Fault } from '../harness/fault/index.ts'
import type { TimeOffset, TimeOffsets } from '../harness/spec/index.ts'
import { linuxChanged, objectsChanged } from './configurations.ts'
import { isObject } from './json-object.ts'

const area = 'time-offsets'
const clocks = ['monotonic', 'boottime'] as const

function offsetsChanged(change: (offsets: TimeOffsets) => void): Effect {
  return linuxChanged(({ timeOffsets }) => {
    if (timeOffsets !== undefined) change(timeOffsets)
  })
}

/** The offset of every clock with a change made in place. */
function everyOffset(change: (offset: TimeOffset) => void): Effect {
  return offsetsChanged((offsets) => {
    for (const clock of clocks) {
      const offset = offsets[clock]
      if (offset !== undefined) change(offset)
    }
  })
}

export const timeOffsets: readonly Fault[] = [
  {
    id: 'time-offsets-dropped',
    area,
    violates: ['timeoffsets-optional'],
    sentence: 'The runtime leaves the time offsets out.',
    effect: linuxChanged((linux) => {
      delete linux.timeOffsets
    }),
  },
  ...clocks.map(
    (clock): Fault => ({
      id: `time-offset-of-${clock}-lost`,
      area,
      violates: ['timeoffsets-optional'],
      sentence: `The runtime loses the offset of the ${clock} clock.`,
      effect: offsetsChanged((offsets) => {
        delete offsets[clock]
      }),
    }),
  ),
  {
    id: 'time-offsets-swapped',
    area,
    violates: ['timeoffsets-optional'],
    sentence: 'The runtime shifts each clock by the offset of the other when it is given both.',
    effect: offsetsChanged((offsets) => {
      const { monotonic, boottime } = offsets
      if (monotonic !== undefined && boottime !== undefined)
        Object.assign(offsets, { monotonic: boottime, boottime: monotonic })
    }),
  },
  {
    id: 'time-offset-of-one-clock-for-both',
    area,
    violates: ['timeoffsets-optional'],
    sentence: 'The runtime shifts both clocks when it is given the offset of one.',
    effect: offsetsChanged((offsets) => {
      const { monotonic, boottime } = offsets
      Object.assign(offsets, { monotonic: monotonic ?? boottime, boottime: boottime ?? monotonic })
    }),
  },
  {
    id: 'time-namespace-shifted-without-offsets',
    area,
    violates: ['timeoffsets-optional'],
    sentence: 'The runtime shifts the clocks of a time namespace for which it is given no offsets.',
    effect: linuxChanged((linux) => {
      if (linux.namespaces?.some(({ type, path }) => type === 'time' && path === undefined) === true)
        linux.timeOffsets ??= { monotonic: { secs: 1 } }
    }),
  },
  {
    id: 'time-offset-nanoseconds-lost',
    area,
    violates: ['timeoffsets-optional', 'timeoffsets-secs-optional'],
    sentence: 'The runtime leaves the nanoseconds of an offset out.',
    effect: everyOffset((offset) => {
      delete offset.nanosecs
    }),
  },
  {
    id: 'time-offset-without-seconds-passed-over',
    area,
    violates: ['timeoffsets-secs-optional'],
    sentence: 'The runtime passes over an offset that has no seconds.',
    effect: everyOffset((offset) => {
      if (offset.secs === undefined) delete offset.nanosecs
    }),
  },
  {
    id: 'time-offset-without-nanoseconds-passed-over',
    area,
    violates: ['timeoffsets-nanosecs-optional'],
    sentence: 'The runtime passes over an offset that has no nanoseconds.',
    effect: everyOffset((offset) => {
      if (offset.nanosecs === undefined) delete offset.secs
    }),
  },
  {
    id: 'time-offset-without-its-sign',
    area,
    violates: ['timeoffsets-secs-optional'],
    sentence: 'The runtime shifts a clock forward that it is to shift back.',
    effect: everyOffset((offset) => {
      if (offset.secs !== undefined && offset.secs < 0 && offset.secs > -1_000_000)
        offset.secs = -Number(offset.secs)
    }),
  },
  {
    id: 'time-offset-before-zero-cut',
    area,
    violates: ['timeoffsets-secs-optional'],
    sentence: 'The runtime shifts a clock as far back as that goes instead of refusing.',
    effect: everyOffset((offset) => {
      if (offset.secs !== undefined && offset.secs < -1_000_000) offset.secs = -1
    }),
  },
  {
    id: 'time-offset-nanoseconds-carried',
    area,
    violates: ['timeoffsets-nanosecs-optional'],
    sentence: 'The runtime makes seconds of nanoseconds that are too many.',
    effect: everyOffset((offset) => {
      const { secs = 0, nanosecs = 0 } = offset
      if (nanosecs >= 1_000_000_000)
        Object.assign(offset, { secs: Number(secs) + 1, nanosecs: nanosecs - 1_000_000_000 })
    }),
  },
  ...['nosuchclock', 'realtime'].map(
    (clock): Fault => ({
      id: `time-offset-of-${clock}-passed-over`,
      area,
      violates: ['timeoffsets-optional'],
      sentence: `The runtime passes over the offset of a clock '${clock}'.`,
      effect: objectsChanged(['linux'], (linux) => {
        const { [clock]: passedOver, ...others } = isObject(linux['timeOffsets']) ? linux['timeOffsets'] : {}
        if (passedOver === undefined) return
        if (Object.keys(others).length > 0) linux['timeOffsets'] = others
        else delete linux['timeOffsets']
      }),
    }),
  ),
  {
    id: 'time-offsets-without-namespace-passed-over',
    area,
    violates: ['timeoffsets-optional'],
    sentence: 'The runtime passes over time offsets when there is no time namespace.',
    effect: linuxChanged((linux) => {
      if (linux.namespaces?.some(({ type }) => type === 'time') !== true) delete linux.timeOffsets
    }),
  },
]
