import {
  type Edit,
  type RlimitName,
  rlimitNames,
  unlimited,
  withoutValue,
  withProcess,
  withRlimit,
  withValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { after, printedThrough } from './callers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { sleeping } from './programs.ts'

interface Limits {
  readonly soft: bigint
  readonly hard: bigint
}

/** Limits that every host lets a process have, large enough for a runtime to work under them, and nobody's default. */
const lowered: Readonly<Partial<Record<RlimitName, Limits>>> = {
  RLIMIT_AS: { soft: 0x4000_0000_0000n, hard: 0x5000_0000_0000n },
  RLIMIT_CORE: { soft: 4096n, hard: 8192n },
  RLIMIT_CPU: { soft: 5000n, hard: 6000n },
  RLIMIT_DATA: { soft: 0x4000_0000_0000n, hard: 0x5000_0000_0000n },
  RLIMIT_FSIZE: { soft: 0x4000_0000n, hard: 0x5000_0000n },
  RLIMIT_LOCKS: { soft: 700n, hard: 900n },
  RLIMIT_MEMLOCK: { soft: 20_480n, hard: 40_960n },
  RLIMIT_MSGQUEUE: { soft: 300_000n, hard: 400_000n },
  RLIMIT_NOFILE: { soft: 600n, hard: 800n },
  RLIMIT_NPROC: { soft: 7000n, hard: 9000n },
  RLIMIT_RSS: { soft: 0x4000_0000n, hard: 0x5000_0000n },
  RLIMIT_RTTIME: { soft: 500_000n, hard: 600_000n },
  RLIMIT_SIGPENDING: { soft: 700n, hard: 900n },
  RLIMIT_STACK: { soft: 0x100_0000n, hard: 0x200_0000n },
}

/** Limits whose ceiling is 0 by default: nothing but 0 can be had without raising it. */
const raised: Readonly<Partial<Record<RlimitName, Limits>>> = {
  RLIMIT_NICE: { soft: 5n, hard: 7n },
  RLIMIT_RTPRIO: { soft: 5n, hard: 7n },
}

const withLimits = (limits: Readonly<Partial<Record<RlimitName, Limits>>>): Edit =>
  withProcess({
    rlimits: rlimitNames.flatMap((type) => {
      const values = limits[type]
      return values === undefined ? [] : [{ type, ...values }]
    }),
  })

const tables = [
  { name: 'lowered', limits: lowered, needs: [] },
  { name: 'raised', limits: raised, needs: ['rlimit-raise'] },
] as const

/** The limit that the tests of bad values begin with: one under which a runtime also works where it is 0. */
const sound = withProcess({ rlimits: [{ type: 'RLIMIT_MSGQUEUE', soft: 0, hard: 800 }] })

const faults: Readonly<Record<string, { readonly covers: readonly string[]; readonly fault: Edit }>> = {
  'without a type': { covers: ['rlimits-type-required'], fault: withoutValue('process.rlimits[0].type') },
  'without a soft value': {
    covers: ['rlimits-soft-required'],
    fault: withoutValue('process.rlimits[0].soft'),
  },
  'without a hard value': {
    covers: ['rlimits-hard-required'],
    fault: withoutValue('process.rlimits[0].hard'),
  },
  'of a type that does not exist': {
    covers: ['rlimits-unknown-type-errors'],
    fault: withValue('process.rlimits[0].type', 'RLIMIT_NONSENSE'),
  },
  'whose type lacks its prefix': {
    covers: ['rlimits-unknown-type-errors'],
    fault: withValue('process.rlimits[0].type', 'MSGQUEUE'),
  },
  'whose type is in lower case': {
    covers: ['rlimits-unknown-type-errors'],
    fault: withValue('process.rlimits[0].type', 'rlimit_msgqueue'),
  },
  'of a type that does not exist behind one that does': {
    covers: ['rlimits-unknown-type-errors'],
    fault: withValue('process.rlimits[1]', { type: 'RLIMIT_NONSENSE', soft: 1, hard: 1 }),
  },
  'whose soft value exceeds its hard value': {
    covers: ['rlimits-soft-matches', 'rlimits-hard-matches'],
    fault: withValue('process.rlimits[0].soft', 801),
  },
  'whose type is there before with the same values': {
    covers: ['rlimits-duplicate-type-errors'],
    fault: withValue('process.rlimits[1]', { type: 'RLIMIT_MSGQUEUE', soft: 0, hard: 800 }),
  },
  'whose type is there before with other values': {
    covers: ['rlimits-duplicate-type-errors'],
    fault: withValue('process.rlimits[1]', { type: 'RLIMIT_MSGQUEUE', soft: 500, hard: 700 }),
  },
}

/** A running container with one limit that is nobody's default. */
async function running({ bundles, runtime }: TestContext) {
  const container = await runtime.create(
    await bundles.busybox('sleeping', sleeping, withRlimit('RLIMIT_NOFILE', 650, 850)),
  )
  await container.start()
  return container
}

export const rlimits = suite('rlimits', ({ test }) => {
  for (const { name, limits, needs } of tables) {
    for (const [type, { soft, hard }] of Object.entries(limits)) {
      test(`the program has the configured soft limit ${type}`, {
        covers: ['rlimits-soft-matches', 'rlimits-getrlimit-succeeds'],
        needs,
      }, async ({ observe, expect }) => {
        expect((await observe(name, withLimits(limits))).limits.get(type)?.soft).toBe(soft)
      })

      test(`the program has the configured hard limit ${type}`, {
        covers: ['rlimits-hard-matches', 'rlimits-getrlimit-succeeds'],
        needs,
      }, async ({ observe, expect }) => {
        expect((await observe(name, withLimits(limits))).limits.get(type)?.hard).toBe(hard)
      })
    }
  }

  test('a limit of 0 is set as such', {
    covers: ['rlimits-soft-matches', 'rlimits-hard-matches'],
  }, async ({ observe, expect }) => {
    const { limits } = await observe('zero', withRlimit('RLIMIT_MSGQUEUE', 0))
    expect(limits.get('RLIMIT_MSGQUEUE')).toEqual({ soft: 0n, hard: 0n })
  })

  test('the largest number there is stands for no limit', {
    covers: ['rlimits-soft-matches', 'rlimits-hard-matches'],
  }, async ({ bundles, runtime, control, expect }) => {
    const through = after('ulimit -S -t 4000')
    await control('the caller has a limit that it may take away', async () => {
      expect(await printedThrough(through, 'ulimit -S -t; ulimit -H -t')).toBe('4000\nunlimited')
    })
    const bundle = await bundles.busybox('unlimited', reporting, withRlimit('RLIMIT_CPU', unlimited))
    const { limits } = await observeRun(runtime.called({ through }), bundle)
    expect(limits.get('RLIMIT_CPU')).toEqual({ soft: 'unlimited', hard: 'unlimited' })
  })

  test('a configuration without limits is accepted', {
    covers: ['rlimits-optional'],
  }, async ({ observe, expect }) => {
    // Which limits hold then is left open; the report shows that the program ran and has some.
    const { limits } = await observe('unset', withoutValue('process.rlimits'))
    expect([...limits.keys()].sort()).toEqual([...rlimitNames].sort())
  })

  for (const [description, { covers, fault }] of Object.entries(faults)) {
    test(`a limit ${description} is refused`, { covers }, async (context) => {
      await expectFaultRefused(context, description, fault, sound)
    })
  }

  test('an executed process has the soft and hard limits of its process file', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const container = await running(context)
    // Not open files: runc is written in Go, whose runtime raises that one's soft limit for itself and, in some
    // versions and at some moments, for what it executes.
    const { limits } = await observeExecuted(container, {
      rlimits: [
        { type: 'RLIMIT_FSIZE', soft: 1_048_576, hard: 2_097_152 },
        { type: 'RLIMIT_CORE', soft: 4096, hard: 8192 },
      ],
    })
    context.expect(limits.get('RLIMIT_FSIZE')).toEqual({ soft: 1_048_576n, hard: 2_097_152n })
    context.expect(limits.get('RLIMIT_CORE')).toEqual({ soft: 4096n, hard: 8192n })
  })

  test('an executed process whose process file names a limit twice is refused', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { control, expect } = context
    const container = await running(context)
    const limit = { type: 'RLIMIT_NOFILE', soft: 500, hard: 700 } as const
    await control('the process is executed with the limit named once', () =>
      observeExecuted(container, { rlimits: [limit] }),
    )
    await expect(observeExecuted(container, { rlimits: [limit, limit] })).toBeRefused()
  })
})
