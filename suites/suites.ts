import type { SuiteDeclaration } from '../harness/suite/index.ts'
import { create } from './create.ts'
import { deletion } from './delete.ts'
import { events } from './events.ts'
import { exec } from './exec.ts'
import { hookFailures } from './hook-failures.ts'
import { hooks } from './hooks.ts'
import { kill } from './kill.ts'
import { lifecycle } from './lifecycle.ts'
import { list } from './list.ts'
import { pause } from './pause.ts'
import { processes } from './process.ts'
import { start } from './start.ts'
import { state } from './state.ts'

/** Every shipped suite, in the order in which a run shows them. */
export const suites: readonly SuiteDeclaration[] = [
  lifecycle,
  create,
  start,
  state,
  kill,
  deletion,
  processes,
  exec,
  pause,
  list,
  events,
  hooks,
  hookFailures,
]
