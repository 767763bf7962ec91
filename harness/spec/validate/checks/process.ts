import { isAbsolute } from 'node:path'
import type { JsonPath } from '../../json/path.ts'
import type { ProcessSpec } from '../../schema/process.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import { capabilityNames } from '../../tables/capabilities.ts'
import type { Check, Subject } from '../check.ts'
import { isCpuList } from '../cpu-list.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

type Process = DeepReadonly<ProcessSpec>

/** The process: what it runs, as whom, within which limits. */
export const checkProcess: Check = function* ({ spec, entries }) {
  const { process } = spec
  if (process === undefined) {
    const message = 'is missing: such a container can be created but not started'
    yield { code: 'PROCESS_MISSING', path: ['process'], value: undefined, message }
    return
  }
  yield* checkProgram(process, entries)
  yield* checkUser(process)
  yield* checkCapabilities(process, entries)
  yield* checkRlimits(process, entries)
  yield* checkPriorities(process)
  yield* checkAffinity(process)
}

function* checkProgram(
  { cwd, args, env, terminal, consoleSize }: Process,
  entries: Subject['entries'],
): Iterable<Finding> {
  if (cwd === '') {
    yield { code: 'CWD_EMPTY', path: ['process', 'cwd'], value: cwd, message: 'must not be empty' }
  } else if (!isAbsolute(cwd)) {
    const message = `must be an absolute path, but is ${show(cwd)}`
    yield { code: 'CWD_RELATIVE', path: ['process', 'cwd'], value: cwd, message }
  }
  if (args === undefined || args.length === 0) {
    const message = 'must have at least one entry, the program to run'
    yield { code: 'ARGS_EMPTY', path: ['process', 'args'], value: args, message }
  }
  for (const [place, variable] of entries(env)) {
    if (/^[^=]+=/.test(variable)) continue
    const message = `must be of the form NAME=value, but is ${show(variable)}`
    yield { code: 'ENV_MALFORMED', path: ['process', 'env', place], value: variable, message }
  }
  if (consoleSize !== undefined && terminal !== true) {
    const message = 'means nothing without a terminal'
    yield { code: 'CONSOLE_SIZE_IGNORED', path: ['process', 'consoleSize'], value: consoleSize, message }
  }
}

function* checkUser({ user }: Process): Iterable<Finding> {
  if (user?.umask === undefined || user.umask <= 0o777) return
  const message = `must be at most 511 (0777): the kernel drops the other bits of ${user.umask}`
  yield { code: 'UMASK_RANGE', path: ['process', 'user', 'umask'], value: user.umask, message }
}

const setNames = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const
const known: ReadonlySet<string> = new Set(capabilityNames)

function* checkCapabilities({ capabilities = {} }: Process, entries: Subject['entries']): Iterable<Finding> {
  for (const set of setNames) {
    for (const [place, name] of entries(capabilities[set])) {
      if (known.has(name)) continue
      const message = `is no capability of Linux: ${show(name)}`
      yield {
        code: 'CAPABILITY_UNKNOWN',
        path: ['process', 'capabilities', set, place],
        value: name,
        message,
      }
    }
  }
  const permitted = new Set(capabilities.permitted)
  for (const [place, name] of entries(capabilities.effective)) {
    if (permitted.has(name) || !known.has(name)) continue
    const message = `cannot be effective without being permitted: ${name}`
    const path = ['process', 'capabilities', 'effective', place]
    yield { code: 'CAPABILITY_NOT_PERMITTED', path, value: name, message }
  }
}

function* checkRlimits({ rlimits }: Process, entries: Subject['entries']): Iterable<Finding> {
  const seen = new Set<string>()
  for (const [place, { type, soft, hard }] of entries(rlimits)) {
    const path: JsonPath = ['process', 'rlimits', place]
    if (seen.has(type)) {
      yield {
        code: 'RLIMIT_DUPLICATE',
        path: [...path, 'type'],
        value: type,
        message: `is listed twice: ${type}`,
      }
    }
    seen.add(type)
    if (soft > hard) {
      const message = `must not be over the hard limit ${hard}, but is ${soft}`
      yield { code: 'RLIMIT_SOFT_OVER_HARD', path: [...path, 'soft'], value: soft, message }
    }
  }
}

/** For which policies a real-time priority counts (sched(7)). */
const realTimePolicies: readonly string[] = ['SCHED_FIFO', 'SCHED_RR']

function* checkPriorities({ oomScoreAdj, ioPriority, scheduler }: Process): Iterable<Finding> {
  const path: JsonPath = ['process']
  yield* within('OOM_SCORE_RANGE', [...path, 'oomScoreAdj'], oomScoreAdj, -1000, 1000)
  yield* within('IO_PRIORITY_RANGE', [...path, 'ioPriority', 'priority'], ioPriority?.priority, 0, 7)
  if (scheduler === undefined) return
  yield* within('SCHEDULER_NICE_RANGE', [...path, 'scheduler', 'nice'], scheduler.nice, -20, 19)
  const [lowest, highest] = realTimePolicies.includes(scheduler.policy) ? [1, 99] : [0, 0]
  const priority = scheduler.priority ?? 0
  yield* within('SCHEDULER_PRIORITY_RANGE', [...path, 'scheduler', 'priority'], priority, lowest, highest)
}

function* within(
  code: Finding['code'],
  path: JsonPath,
  value: number | undefined,
  lowest: number,
  highest: number,
): Iterable<Finding> {
  if (value === undefined || (value >= lowest && value <= highest)) return
  const range = lowest === highest ? `must be ${lowest}` : `must be between ${lowest} and ${highest}`
  yield { code, path, value, message: `${range}, but is ${value}` }
}

function* checkAffinity({ execCPUAffinity = {} }: Process): Iterable<Finding> {
  for (const when of ['initial', 'final'] as const) {
    const list = execCPUAffinity[when]
    if (list === undefined || isCpuList(list)) continue
    const message = `must be a list such as 0-3,7, but is ${show(list)}`
    yield { code: 'CPU_LIST_MALFORMED', path: ['process', 'execCPUAffinity', when], value: list, message }
  }
}
