import type { Integer64 } from '../schema/notation.ts'
import type { Rlimit } from '../schema/process.ts'
import { type RlimitName, rlimitNames, unlimited } from '../tables/rlimits.ts'
import type { GardenRlimit } from './container.ts'
import { GardenLimitError } from './errors.ts'

type Rlimits = Readonly<Partial<Record<RlimitName, GardenRlimit>>>

/** What a process is limited to when nobody says otherwise: the open files of the runtimes' reference specs. */
export const gardenRlimits: Rlimits = { RLIMIT_NOFILE: { soft: 1024, hard: 1024 } }

/**
 * The resource limits of a process (getrlimit(2)): the given ones over {@link gardenRlimits}.
 *
 * @throws {GardenLimitError} for a limit that does not exist, whose soft value exceeds the hard one, or that is no
 * unsigned 64-bit number.
 */
export function resourceLimits(given: Rlimits = {}): Rlimit[] {
  const unknown = Object.keys(given).find((name) => !rlimitNames.some((known) => known === name))
  if (unknown !== undefined) {
    throw new GardenLimitError(`wrong rlimit value: ${unknown}: the limits are ${rlimitNames.join(', ')}`)
  }
  const all: Rlimits = { ...gardenRlimits, ...given }
  return rlimitNames.flatMap((type) => {
    const values = all[type]
    return values === undefined ? [] : [checked({ type, soft: values.soft, hard: values.hard })]
  })
}

function checked(rlimit: Rlimit): Rlimit {
  checkValue(rlimit.type, 'soft', rlimit.soft)
  checkValue(rlimit.type, 'hard', rlimit.hard)
  if (rlimit.soft > rlimit.hard) {
    throw new GardenLimitError(
      `${rlimit.type}: the soft limit ${rlimit.soft} exceeds the hard limit ${rlimit.hard}`,
    )
  }
  return rlimit
}

function checkValue(type: RlimitName, which: 'soft' | 'hard', value: Integer64): void {
  const whole = typeof value === 'bigint' || Number.isSafeInteger(value)
  if (!whole || value < 0 || value > unlimited) {
    throw new GardenLimitError(
      `${type}: the ${which} limit is ${value}, not a whole number from 0 to 2^64 - 1`,
    )
  }
}
