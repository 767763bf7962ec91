/** The catalogue of faulty runtimes: one file an area, each fault with the requirements that it violates. */
import type { Fault } from '../harness/fault/index.ts'
import { annotations } from './annotations.ts'
import { bundle } from './bundle.ts'
import { concurrency } from './concurrency.ts'
import { create } from './create.ts'
import { deletion } from './delete.ts'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { features } from './features.ts'
import { hollow } from './hollow.ts'
import { hooks } from './hooks.ts'
import { hostname } from './hostname.ts'
import { kill } from './kill.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { mounts } from './mounts.ts'
import { pause } from './pause.ts'
import { process } from './process.ts'
import { start } from './start.ts'
import { state } from './state.ts'
import { terminal } from './terminal.ts'
import { user } from './user.ts'

/** Every fault, in the order in which a proof tries them. */
export const faults: readonly Fault[] = [
  ...hostname,
  ...mounts,
  ...process,
  ...hooks,
  ...lifecycle,
  ...bundle,
  ...create,
  ...start,
  ...state,
  ...kill,
  ...deletion,
  ...concurrency,
  ...pause,
  ...list,
  ...events,
  ...exec,
  ...user,
  ...terminal,
  ...annotations,
  ...features,
  ...hollow,
]
