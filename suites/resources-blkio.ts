import { wholeDisk } from '../harness/host/index.ts'
import { type BlockIoLimits, type ThrottleDevice, withResources } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { createTidily } from './cgroup-remains.ts'
import { type LimitName, testConfiguredLimits, testRefusedLimits } from './limits.ts'
import { sleeping } from './programs.ts'

/** The numbers of the disk that the limits are about. */
function disk(): { readonly major: number; readonly minor: number } {
  const [major, minor] = wholeDisk().split(':').map(Number)
  return { major: major ?? 0, minor: minor ?? 0 }
}

/** A list of devices with a limit each: what it limits, and a rate that no other list has. */
interface Throttle {
  readonly limit: LimitName
  readonly what: string
  readonly rate: number
  readonly unit: 'bps' | 'iops'
  readonly list: (devices: ThrottleDevice[]) => BlockIoLimits
}

const throttles: readonly Throttle[] = [
  {
    limit: 'read bytes',
    what: 'bytes read a second',
    rate: 3_145_728,
    unit: 'bps',
    list: (devices) => ({ throttleReadBpsDevice: devices }),
  },
  {
    limit: 'write bytes',
    what: 'bytes written a second',
    rate: 5_242_880,
    unit: 'bps',
    list: (devices) => ({ throttleWriteBpsDevice: devices }),
  },
  {
    limit: 'read operations',
    what: 'reads a second',
    rate: 312,
    unit: 'iops',
    list: (devices) => ({ throttleReadIOPSDevice: devices }),
  },
  {
    limit: 'write operations',
    what: 'writes a second',
    rate: 521,
    unit: 'iops',
    list: (devices) => ({ throttleWriteIOPSDevice: devices }),
  },
]

/** A configuration with all four lists, each with its own rate. */
function allThrottles(): BlockIoLimits {
  return Object.assign({}, ...throttles.map(({ rate, list }) => list([{ ...disk(), rate }])))
}

export const resourcesBlkio = suite('resources-blkio', ({ test }) => {
  for (const { limit, what, rate, unit, list } of throttles) {
    const covers = ['blockio-optional', `blockio-throttle-${unit}-optional`]
    testConfiguredLimits(test, {
      [`a container gets the limit of ${what} that its configuration names`]: {
        limit,
        resources: () => ({ blockIO: list([{ ...disk(), rate }]) }),
        shows: () => `${wholeDisk()} ${rate}`,
        covers,
        needs: ['cgroup-blkio'],
      },
      [`the limit of ${what} stands beside those of other kinds`]: {
        limit,
        resources: () => ({ blockIO: allThrottles() }),
        shows: () => `${wholeDisk()} ${rate}`,
        covers,
        needs: ['cgroup-blkio'],
      },
    })
    const member = Object.keys(list([])).join()
    const right = () => ({ blockIO: list([{ ...disk(), rate }]) })
    testRefusedLimits(test, {
      [`a limit of ${what} that names no device is refused`]: {
        wrong: { blockIO: { [member]: [{ rate }] } },
        right,
        covers: [`blockio-throttle-${unit}-numbers-required`],
        needs: ['cgroup-blkio'],
      },
      [`a limit of ${what} without a rate is refused`]: {
        wrong: () => ({ blockIO: { [member]: [disk()] } }),
        right,
        covers: [`blockio-throttle-${unit}-rate-required`],
        needs: ['cgroup-blkio'],
      },
      [`a limit of ${what} for a device that the machine does not have is refused`]: {
        wrong: { blockIO: { [member]: [{ major: 4095, minor: 4095, rate }] } },
        right,
        covers: [`blockio-throttle-${unit}-optional`],
        needs: ['cgroup-blkio'],
      },
    })
  }

  testConfiguredLimits(test, {
    'a container gets the block weight that its configuration names': {
      limit: 'block weight',
      resources: { blockIO: { weight: 345 } },
      // A kernel without BFQ has a weight on another scale on v2: 10 to 1000 become 1 to 10000.
      shows: { v1: '345', v2: /^default (345|3384)$/ },
      covers: ['blockio-weight-optional'],
      needs: ['cgroup-blkio-weight'],
    },
    'a container gets the block weight of a device that its configuration names': {
      limit: 'block weight of a device',
      resources: () => ({ blockIO: { weightDevice: [{ ...disk(), weight: 456 }] } }),
      shows: () => new RegExp(`^${wholeDisk()} (456|4506)$`, 'm'),
      covers: ['blockio-weightdevice-optional', 'blockio-weightdevice-leafweight-optional'],
      needs: ['cgroup-blkio-weight-device'],
    },
  })

  test('the block weight goes up to 1000 and no further', {
    covers: ['blockio-weight-optional'],
    needs: ['cgroup-blkio-weight'],
  }, async (context) => {
    const { bundles, expect } = context
    const weighing = async (weight: number) =>
      createTidily(
        context,
        await bundles.busybox(`weight-${weight}`, sleeping, withResources({ blockIO: { weight } })),
      )
    await expect(weighing(1000)).not.toBeRefused()
    await expect(weighing(1001)).toBeRefused()
  })

  const rightWeight = () => ({ blockIO: { weightDevice: [{ ...disk(), weight: 456 }] } })
  testRefusedLimits(test, {
    'a block weight that names no device is refused': {
      wrong: { blockIO: { weightDevice: [{ weight: 456 }] } },
      right: rightWeight,
      covers: ['blockio-weightdevice-numbers-required'],
      needs: ['cgroup-blkio-weight-device'],
    },
    'a weighted device without any weight is refused': {
      wrong: () => ({ blockIO: { weightDevice: [disk()] } }),
      right: rightWeight,
      covers: ['blockio-weightdevice-one-of'],
      needs: ['cgroup-blkio-weight-device'],
    },
  })
})
