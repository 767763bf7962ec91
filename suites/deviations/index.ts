/** The recorded disagreements of released runtimes with the specification, each with its evidence. */
import type { Deviation } from '../../harness/suite/index.ts'
import { crunDeviations } from './crun.ts'
import { runcDeviations } from './runc.ts'
import { runscDeviations } from './runsc.ts'

export const deviations: readonly Deviation[] = [...runcDeviations, ...crunDeviations, ...runscDeviations]
