import { readFile } from 'node:fs/promises'
import {
  addNamespace,
  combine,
  type Edit,
  type TimeOffsets,
  withLinux,
  withValue,
} from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

const needs = ['time-namespace'] as const

function shifted(timeOffsets: TimeOffsets): Edit {
  return combine(addNamespace('time'), withLinux({ timeOffsets }))
}

/** Seconds and nanoseconds of each clock, from /proc/PID/timens_offsets. */
function parseOffsets(text: string): Readonly<Record<string, readonly number[]>> {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  return Object.fromEntries(
    lines.flatMap(([clock, secs, nanosecs]) =>
      clock && secs !== undefined ? [[clock, [Number(secs), Number(nanosecs)]]] : [],
    ),
  )
}

interface Shift {
  readonly covers: readonly string[]
  readonly timeOffsets: TimeOffsets
  readonly seen: Readonly<Record<string, readonly number[]>>
}

const shifts: Readonly<Record<string, Shift>> = {
  'both clocks, each by its own offset': {
    covers: ['timeoffsets-optional'],
    timeOffsets: { monotonic: { secs: 7_000, nanosecs: 11 }, boottime: { secs: 900_000, nanosecs: 13 } },
    seen: { monotonic: [7_000, 11], boottime: [900_000, 13] },
  },
  'the monotonic clock alone': {
    covers: ['timeoffsets-optional'],
    timeOffsets: { monotonic: { secs: 7_001, nanosecs: 17 } },
    seen: { monotonic: [7_001, 17], boottime: [0, 0] },
  },
  'the clock since boot alone': {
    covers: ['timeoffsets-optional'],
    timeOffsets: { boottime: { secs: 7_002, nanosecs: 19 } },
    seen: { monotonic: [0, 0], boottime: [7_002, 19] },
  },
  'a clock by seconds only': {
    covers: ['timeoffsets-nanosecs-optional'],
    timeOffsets: { boottime: { secs: 7_003 } },
    seen: { monotonic: [0, 0], boottime: [7_003, 0] },
  },
  'a clock by nanoseconds only': {
    covers: ['timeoffsets-secs-optional'],
    timeOffsets: { monotonic: { nanosecs: 999_999_999 } },
    seen: { monotonic: [0, 999_999_999], boottime: [0, 0] },
  },
  'a clock back in time': {
    covers: ['timeoffsets-secs-optional'],
    timeOffsets: { monotonic: { secs: -2 }, boottime: { secs: -3 } },
    seen: { monotonic: [-2, 0], boottime: [-3, 0] },
  },
}

/** Offsets that cannot be applied, each the one fault of an otherwise good configuration. */
const faults: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'a clock that does not exist': {
    covers: 'timeoffsets-optional',
    fault: combine(addNamespace('time'), withValue('linux.timeOffsets', { nosuchclock: { secs: 1 } })),
  },
  'a clock that cannot be shifted': {
    covers: 'timeoffsets-optional',
    fault: combine(addNamespace('time'), withValue('linux.timeOffsets', { realtime: { secs: 1 } })),
  },
  'a whole second of nanoseconds': {
    covers: 'timeoffsets-nanosecs-optional',
    fault: shifted({ monotonic: { secs: 1, nanosecs: 1_000_000_000 } }),
  },
  'an offset to before the clock was zero': {
    covers: 'timeoffsets-secs-optional',
    fault: shifted({ monotonic: { secs: -100_000_000_000 } }),
  },
  'offsets without a time namespace': {
    covers: 'timeoffsets-optional',
    fault: withLinux({ timeOffsets: { monotonic: { secs: 1 } } }),
  },
}

export const timeOffsets = suite('time-offsets', ({ test }) => {
  for (const [description, { covers, timeOffsets, seen }] of Object.entries(shifts)) {
    test(`time offsets shift ${description}`, { covers, needs }, async ({ observe, expect }) => {
      const inside = await observe(description.replaceAll(/\W+/g, '-'), shifted(timeOffsets))
      expect(parseOffsets(inside.timeOffsets)).toEqual(seen)
    })
  }

  test('a container with a time namespace and no offsets has the clocks of the host', {
    covers: ['timeoffsets-optional'],
    needs,
  }, async ({ observe, expect }) => {
    const inside = await observe('no-offsets', addNamespace('time'))
    expect(parseOffsets(inside.timeOffsets)).toEqual({ monotonic: [0, 0], boottime: [0, 0] })
  })

  test('the program reads a clock that is shifted', { covers: ['timeoffsets-optional'], needs }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const secs = 400_000_000
    const bundle = await bundles.busybox(
      'uptime',
      shell('cut -d . -f 1 /proc/uptime'),
      shifted({ boottime: { secs } }),
    )
    const before = Number.parseFloat(await readFile('/proc/uptime', 'utf8'))
    const result = await runtime.run(bundle)
    expect(result).toHaveExited(0)
    const after = Number.parseFloat(await readFile('/proc/uptime', 'utf8'))
    expect(Number(result.stdout)).toBeGreaterThanOrEqual(Math.floor(before) + secs)
    expect(Number(result.stdout)).toBeLessThanOrEqual(Math.ceil(after) + secs)
  })

  test('a process executed in a container reads the shifted clock, too', {
    covers: ['timeoffsets-optional'],
    needs: [...needs, 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const secs = 500_000_000
    const container = await runtime.create(
      await bundles.busybox('executing', sleeping, shifted({ boottime: { secs } })),
    )
    await container.start()
    const result = await container.exec(['cat', '/proc/uptime'])
    expect(result).toHaveExited(0)
    expect(Number.parseFloat(result.stdout)).toBeGreaterThan(secs)
  })

  for (const [description, { covers, fault }] of Object.entries(faults)) {
    test(`create refuses ${description}`, { covers: [covers], needs }, async ({
      bundles,
      runtime,
      control,
      expect,
    }) => {
      await control('good offsets are accepted', async () =>
        runtime.create(await bundles.busybox('good', sleeping, shifted({ monotonic: { secs: 1 } }))),
      )
      const bundle = await bundles.busybox(description.replaceAll(/\W+/g, '-'), sleeping, fault)
      await expect(runtime.create(bundle)).toBeRefused()
    })
  }
})
