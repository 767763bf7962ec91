import { configuration, type Effect, type Fault, program } from '../harness/fault/index.ts'
import {
  changing,
  type JsonObject,
  type Seccomp,
  type SeccompAction,
  type SeccompArgument,
  type SeccompOperator,
  type SeccompRule,
  seccompActions,
  seccompFlags,
  seccompOperators,
} from '../harness/spec/index.ts'
import { configuredObject, objectAt, objectsIn, refused } from './configured.ts'

const area = 'seccomp'

const action = ['seccomp-syscalls-action-required']
const operator = ['seccomp-args-op-required']
const conditions = ['seccomp-syscalls-args-optional']
const errno = ['seccomp-syscalls-errnoret-optional']

/** The filter of a configuration is another. */
function filter(change: (filter: Seccomp) => void): Effect {
  return configuration(
    changing(({ linux }) => {
      if (linux?.seccomp !== undefined) change(linux.seccomp)
    }),
  )
}

function eachRule(change: (rule: SeccompRule, filter: Seccomp) => void): Effect {
  return filter((given) => {
    for (const rule of given.syscalls ?? []) change(rule, given)
  })
}

/** The rules of a filter are others, more or fewer. */
function rules(change: (rules: readonly SeccompRule[]) => readonly SeccompRule[]): Effect {
  return filter((given) => {
    if (given.syscalls !== undefined) given.syscalls = [...change(given.syscalls)]
  })
}

function eachCondition(change: (condition: SeccompArgument) => void): Effect {
  return eachRule(({ args = [] }) => {
    for (const condition of args) change(condition)
  })
}

/** Configurations have no filter where this holds of the one they have. */
function withoutFilterWhere(holds: (filter: Seccomp, mayGainPrivileges: boolean) => boolean): Effect {
  return configuration(
    changing(({ linux, process }) => {
      if (linux?.seccomp !== undefined && holds(linux.seccomp, process?.noNewPrivileges !== true))
        delete linux.seccomp
    }),
  )
}

/** The filter of a configuration is another, whatever its shape. */
function rawFilter(change: (filter: JsonObject) => void): Effect {
  return configuredObject(['linux', 'seccomp'], change)
}

function eachRawRule(change: (rule: JsonObject) => void): Effect {
  return rawFilter((given) => objectsIn(given['syscalls']).forEach(change))
}

/** Not every runtime knows every way of killing: the test of the action itself has to notice. */
function noticedFor(from: SeccompAction): Pick<Fault, 'violates' | 'tests'> {
  if (!from.startsWith('SCMP_ACT_KILL')) return { violates: action }
  const name = from.toLowerCase().replaceAll('_', '-')
  const killed = `seccomp/a-process-that-makes-a-system-call-with-the-action-${name}-is-killed-by-sigsys`
  return { violates: [], tests: [killed] }
}

/** An action that this runtime takes for another one. */
const mistakenActions: readonly (readonly [SeccompAction, SeccompAction])[] = [
  ['SCMP_ACT_ERRNO', 'SCMP_ACT_LOG'],
  ['SCMP_ACT_ALLOW', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_LOG', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_TRACE', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_TRAP', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_KILL', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_KILL_THREAD', 'SCMP_ACT_ERRNO'],
  ['SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_ERRNO'],
]

/** An operator that this runtime takes for another one. */
const mistakenOperators: readonly (readonly [SeccompOperator, SeccompOperator])[] = [
  ['SCMP_CMP_NE', 'SCMP_CMP_GT'],
  ['SCMP_CMP_LT', 'SCMP_CMP_LE'],
  ['SCMP_CMP_LE', 'SCMP_CMP_LT'],
  ['SCMP_CMP_EQ', 'SCMP_CMP_GE'],
  ['SCMP_CMP_GE', 'SCMP_CMP_GT'],
  ['SCMP_CMP_GT', 'SCMP_CMP_GE'],
  ['SCMP_CMP_MASKED_EQ', 'SCMP_CMP_EQ'],
]

function word(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^scmp-(act|cmp)-|^seccomp-filter-flag-/, '')
}

function isOneOf(names: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && names.includes(value)
}

export const seccomp: readonly Fault[] = [
  {
    id: 'seccomp-dropped',
    area,
    violates: ['seccomp-defaultaction-required', ...action],
    sentence: 'The runtime lets a program make every system call, whatever the filter.',
    effect: withoutFilterWhere(() => true),
  },
  {
    id: 'seccomp-by-default',
    area,
    violates: ['seccomp-optional'],
    sentence:
      'The runtime has a filter of its own, which allows everything, where the configuration has none.',
    effect: configuration(
      changing((spec) => {
        spec.linux ??= {}
        spec.linux.seccomp ??= { defaultAction: 'SCMP_ACT_ALLOW' }
      }),
    ),
  },
  {
    id: 'seccomp-default-action-allows',
    area,
    violates: ['seccomp-defaultaction-required'],
    sentence: 'The runtime allows what no rule is about, whatever the default action.',
    effect: filter((given) => {
      given.defaultAction = 'SCMP_ACT_ALLOW'
      delete given.defaultErrnoRet
    }),
  },
  {
    id: 'seccomp-lost-with-new-privileges',
    area,
    violates: action,
    sentence: 'The runtime puts a filter in force for programs alone that may gain no privileges.',
    effect: withoutFilterWhere((_, mayGainPrivileges) => mayGainPrivileges),
  },
  {
    id: 'seccomp-lost-in-exec',
    area,
    violates: [],
    tests: ['seccomp/a-filter-takes-effect-on-a-process-that-is-executed-in-the-container'],
    sentence:
      'The runtime lets an executed process into the namespaces of its container and filters nothing.',
    effect: program(
      'exec',
      [
        'while [ "$1" != "$ID" ]; do shift; done; shift',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
        'exec nsenter --target "$PID" --mount --uts --ipc --net --pid --root --wd env PATH=/bin:/sbin "$@"',
      ].join('\n'),
    ),
  },
  {
    id: 'seccomp-lost-with-architectures',
    area,
    violates: ['seccomp-architectures-optional'],
    sentence: 'The runtime drops a filter that names architectures.',
    effect: withoutFilterWhere(({ architectures }) => architectures !== undefined),
  },
  {
    id: 'seccomp-lost-with-listener-path',
    area,
    violates: ['seccomp-listenerpath-optional'],
    sentence: 'The runtime drops a filter that names a listener.',
    effect: withoutFilterWhere(({ listenerPath }) => listenerPath !== undefined),
  },
  {
    id: 'seccomp-listener-path-needs-listener',
    area,
    violates: ['seccomp-listenerpath-optional'],
    sentence: 'The runtime refuses a filter with the path of a listener that no rule notifies.',
    effect: refused((document) => {
      const { listenerPath, syscalls } = objectAt(document, 'linux', 'seccomp') ?? {}
      return (
        listenerPath !== undefined &&
        !objectsIn(syscalls).some((rule) => rule['action'] === 'SCMP_ACT_NOTIFY')
      )
    }),
  },
  ...(['TSYNC', 'LOG', 'SPEC_ALLOW'] as const).map(
    (name): Fault => ({
      id: `seccomp-lost-with-flag-${word(name)}`,
      area,
      violates: [],
      tests: [`seccomp/a-filter-with-the-flag-seccomp-filter-flag-${word(name)}-takes-effect`],
      sentence: `The runtime drops a filter that has the flag SECCOMP_FILTER_FLAG_${name}.`,
      effect: withoutFilterWhere(({ flags = [] }) => flags.includes(`SECCOMP_FILTER_FLAG_${name}`)),
    }),
  ),
  {
    id: 'seccomp-rules-must-be-given',
    area,
    violates: ['seccomp-syscalls-optional'],
    sentence: 'The runtime refuses a filter without rules.',
    effect: refused((document) => {
      const given = objectAt(document, 'linux', 'seccomp')
      return given !== undefined && given['syscalls'] === undefined
    }),
  },
  ...mistakenActions.map(
    ([from, to]): Fault => ({
      id: `seccomp-action-${word(from)}-is-${word(to)}`,
      area,
      ...noticedFor(from),
      sentence: `The runtime takes the action ${from} of a rule for ${to}.`,
      effect: eachRule((rule) => {
        if (rule.action !== from) return
        rule.action = to
        if (to !== 'SCMP_ACT_ERRNO') delete rule.errnoRet
      }),
    }),
  ),
  {
    id: 'seccomp-denies-first-names-alone',
    area,
    violates: ['seccomp-syscalls-names-required'],
    sentence: 'The runtime denies the first two system calls in the list of a rule and lets the others pass.',
    effect: eachRule((rule) => {
      if (rule.action === 'SCMP_ACT_ERRNO') rule.names = rule.names.slice(0, 2)
    }),
  },
  {
    id: 'seccomp-only-first-rule',
    area,
    violates: action,
    sentence: 'The runtime applies the first rule of a filter and no other.',
    effect: rules((given) => given.slice(0, 1)),
  },
  {
    id: 'seccomp-only-last-rule',
    area,
    violates: action,
    sentence: 'The runtime applies the last rule of a filter and no other.',
    effect: rules((given) => given.slice(-1)),
  },
  {
    id: 'seccomp-errno-of-rule-lost',
    area,
    violates: errno,
    sentence: 'The runtime makes every denied system call fail with EPERM.',
    effect: eachRule((rule) => {
      delete rule.errnoRet
    }),
  },
  {
    id: 'seccomp-errno-of-first-rule-for-all',
    area,
    violates: errno,
    sentence: 'The runtime gives rules without an errno that of the first rule.',
    effect: filter(({ syscalls = [] }) => {
      const [first] = syscalls
      for (const rule of syscalls)
        if (first?.errnoRet !== undefined && rule.action === 'SCMP_ACT_ERRNO')
          rule.errnoRet ??= first.errnoRet
    }),
  },
  {
    id: 'seccomp-default-errno-lost',
    area,
    violates: ['seccomp-defaulterrnoret-optional'],
    sentence: 'The runtime makes system calls without a rule fail with EPERM, whatever the default errno.',
    effect: filter((given) => {
      delete given.defaultErrnoRet
    }),
  },
  {
    id: 'seccomp-default-errno-for-rules',
    area,
    violates: ['seccomp-defaulterrnoret-optional'],
    sentence: 'The runtime makes system calls with a rule fail with the default errno, too.',
    effect: eachRule((rule, { defaultErrnoRet }) => {
      if (defaultErrnoRet !== undefined && rule.action === 'SCMP_ACT_ERRNO') rule.errnoRet = defaultErrnoRet
    }),
  },
  {
    id: 'seccomp-missing-default-errno-is-enosys',
    area,
    violates: ['seccomp-defaulterrnoret-optional'],
    sentence:
      'The runtime makes system calls without a rule fail with ENOSYS where there is no default errno.',
    effect: filter((given) => {
      if (given.defaultAction === 'SCMP_ACT_ERRNO') given.defaultErrnoRet ??= 38
    }),
  },
  ...mistakenOperators.map(
    ([from, to]): Fault => ({
      id: `seccomp-operator-${word(from)}-is-${word(to)}`,
      area,
      violates: operator,
      sentence: `The runtime takes the operator ${from} for ${to}.`,
      effect: eachCondition((condition) => {
        if (condition.op === from) condition.op = to
      }),
    }),
  ),
  {
    id: 'seccomp-second-value-lost',
    area,
    violates: ['seccomp-args-valuetwo-optional'],
    sentence: 'The runtime passes over the second value of a condition.',
    effect: eachCondition((condition) => {
      delete condition.valueTwo
    }),
  },
  {
    id: 'seccomp-value-of-32-bits',
    area,
    violates: ['seccomp-args-value-required'],
    sentence: 'The runtime has room for 32 bits of the value of a condition.',
    effect: eachCondition((condition) => {
      condition.value = BigInt.asUintN(32, BigInt(condition.value))
    }),
  },
  {
    id: 'seccomp-value-of-a-double',
    area,
    violates: ['seccomp-args-value-required'],
    sentence: 'The runtime rounds the value of a condition to what a floating-point number holds.',
    effect: eachCondition((condition) => {
      condition.value = BigInt(Number(condition.value))
    }),
  },
  {
    id: 'seccomp-index-ignored',
    area,
    violates: ['seccomp-args-index-required'],
    sentence: 'The runtime applies every condition to the second argument.',
    effect: eachCondition((condition) => {
      condition.index = 1
    }),
  },
  {
    id: 'seccomp-only-first-condition',
    area,
    violates: conditions,
    sentence: 'The runtime looks at the first condition of a rule and no other.',
    effect: eachRule((rule) => {
      if (rule.args !== undefined) rule.args = rule.args.slice(0, 1)
    }),
  },
  {
    id: 'seccomp-only-last-condition',
    area,
    violates: conditions,
    sentence: 'The runtime looks at the last condition of a rule and no other.',
    effect: eachRule((rule) => {
      if (rule.args !== undefined) rule.args = rule.args.slice(-1)
    }),
  },
  {
    id: 'seccomp-one-condition-is-enough',
    area,
    violates: conditions,
    sentence: 'The runtime applies a rule where one of its conditions holds.',
    effect: rules((given) =>
      given.flatMap((rule) =>
        rule.args === undefined || rule.args.length < 2
          ? [rule]
          : rule.args.map((condition) => ({ ...rule, args: [condition] })),
      ),
    ),
  },
  {
    id: 'seccomp-rule-with-empty-conditions-lost',
    area,
    violates: conditions,
    sentence: 'The runtime passes over a rule with an empty list of conditions.',
    effect: rules((given) => given.filter(({ args }) => args === undefined || args.length > 0)),
  },
  {
    id: 'seccomp-default-action-guessed',
    area,
    violates: ['seccomp-defaultaction-required'],
    sentence: 'The runtime takes a default action that is missing for ALLOW.',
    effect: rawFilter((given) => {
      given['defaultAction'] ??= 'SCMP_ACT_ALLOW'
    }),
  },
  {
    id: 'seccomp-unknown-default-action-is-allow',
    area,
    violates: ['seccomp-defaultaction-required'],
    sentence: 'The runtime takes a default action that it does not know for ALLOW.',
    effect: rawFilter((given) => {
      const { defaultAction } = given
      if (defaultAction !== undefined && !isOneOf(seccompActions, defaultAction))
        given['defaultAction'] = 'SCMP_ACT_ALLOW'
    }),
  },
  {
    id: 'seccomp-unknown-architecture-ignored',
    area,
    violates: ['seccomp-architectures-optional'],
    sentence: 'The runtime passes over architectures that do not exist.',
    effect: rawFilter((given) => {
      const { architectures } = given
      if (Array.isArray(architectures))
        given['architectures'] = architectures.filter((name) => name !== 'SCMP_ARCH_ABACUS')
    }),
  },
  {
    id: 'seccomp-unknown-flag-ignored',
    area,
    violates: ['seccomp-flags-optional'],
    sentence: 'The runtime passes over flags of a filter that do not exist.',
    effect: rawFilter((given) => {
      const { flags } = given
      if (Array.isArray(flags)) given['flags'] = flags.filter((flag) => isOneOf(seccompFlags, flag))
    }),
  },
  {
    id: 'seccomp-rule-without-names-ignored',
    area,
    violates: ['seccomp-syscalls-names-nonempty'],
    tests: ['seccomp/create-refuses-a-rule-without-names'],
    sentence: 'The runtime passes over a rule without names.',
    effect: rawFilter((given) => {
      const { syscalls } = given
      if (syscalls !== undefined)
        given['syscalls'] = objectsIn(syscalls).filter(
          ({ names }) => Array.isArray(names) && names.length > 0,
        )
    }),
  },
  {
    id: 'seccomp-missing-action-is-errno',
    area,
    violates: action,
    sentence: 'The runtime takes ERRNO for the action of a rule that has none.',
    effect: eachRawRule((rule) => {
      rule['action'] ??= 'SCMP_ACT_ERRNO'
    }),
  },
  {
    id: 'seccomp-unknown-action-is-errno',
    area,
    violates: action,
    sentence: 'The runtime takes an action that it does not know for ERRNO.',
    effect: eachRawRule((rule) => {
      if (rule['action'] !== undefined && !isOneOf(seccompActions, rule['action']))
        rule['action'] = 'SCMP_ACT_ERRNO'
    }),
  },
  {
    id: 'seccomp-seventh-argument-ignored',
    area,
    violates: ['seccomp-args-index-required'],
    sentence: 'The runtime passes over conditions on arguments that no system call has.',
    effect: eachRawRule((rule) => {
      if (rule['args'] !== undefined)
        rule['args'] = objectsIn(rule['args']).filter(({ index = 0 }) => Number(index) < 6)
    }),
  },
  {
    id: 'seccomp-missing-operator-is-equal',
    area,
    violates: operator,
    sentence: 'The runtime takes EQ for the operator of a condition that has none.',
    effect: eachRawRule((rule) => {
      for (const condition of objectsIn(rule['args'])) condition['op'] ??= 'SCMP_CMP_EQ'
    }),
  },
  {
    id: 'seccomp-unknown-operator-is-equal',
    area,
    violates: operator,
    sentence: 'The runtime takes an operator that it does not know for EQ.',
    effect: eachRawRule((rule) => {
      for (const condition of objectsIn(rule['args']))
        if (condition['op'] !== undefined && !isOneOf(seccompOperators, condition['op']))
          condition['op'] = 'SCMP_CMP_EQ'
    }),
  },
]
