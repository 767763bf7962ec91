/** The catalogue of faulty runtimes: one file an area, each fault with the requirements that it violates. */
import type { Fault } from '../harness/fault/index.ts'
import { hollow } from './hollow.ts'
import { hooks } from './hooks.ts'
import { hostname } from './hostname.ts'
import { lifecycle } from './lifecycle.ts'
import { mounts } from './mounts.ts'
import { process } from './process.ts'

/** Every fault, in the order in which a proof tries them. */
export const faults: readonly Fault[] = [
  ...hostname,
  ...mounts,
  ...process,
  ...hooks,
  ...lifecycle,
  ...hollow,
]
