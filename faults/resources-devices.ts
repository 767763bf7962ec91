import { after, configuration, type Effect, type Fault, program } from '../harness/fault/index.ts'
import { copySpec, type DeviceRule, type JsonObject, withHook } from '../harness/spec/index.ts'
import { configuredObject, configuredResources, objectsIn } from './configured.ts'

/** The device rules of a configuration are others. */
function rules(change: (rules: readonly DeviceRule[]) => readonly DeviceRule[]): Effect {
  return configuredResources((resources) => {
    if (resources.devices !== undefined) resources.devices = [...change(resources.devices)]
  })
}

function eachRule(change: (rule: DeviceRule) => void): Effect {
  return rules((list) => {
    for (const rule of list) change(rule)
    return list
  })
}

/** Device rules of whatever shape are others. */
function rawRules(change: (rules: readonly JsonObject[]) => readonly JsonObject[]): Effect {
  return configuredObject(['linux', 'resources'], (resources) => {
    if (resources['devices'] !== undefined)
      resources['devices'] = [...change(objectsIn(resources['devices']))]
  })
}

const letterNames = { r: 'reading', w: 'writing' } as const

/** The cgroup of a process, in the hierarchy of devices, which cgroup v1 alone has. */
const devicesCgroup = (pid: string) =>
  `/sys/fs/cgroup/devices"$(sed -n 's/^[0-9]*:devices://p' /proc/${pid}/cgroup)"`

const isNarrow = ({ major, minor }: DeviceRule) => major !== undefined || minor !== undefined

/** A hook that closes every device, once the container has its cgroup. */
const closingDevices = withHook('createRuntime', {
  path: '/bin/sh',
  args: [
    'sh',
    '-c',
    `pid=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p'); echo a >${devicesCgroup('$pid')}/devices.deny`,
  ],
})

interface RuleFault {
  readonly id: string
  readonly violates: readonly string[]
  readonly sentence: string
  readonly effect: Effect
}

const order = ['resources-devices-in-order']
const type = ['resources-devices-type-optional']
const numbers = ['resources-devices-major-minor-optional']
const access = ['resources-devices-access-optional']

const ruleFaults: readonly RuleFault[] = [
  {
    id: 'device-rules-in-reverse-order',
    violates: order,
    sentence: 'The runtime applies device rules last to first.',
    effect: rules((list) => list.toReversed()),
  },
  {
    id: 'device-rules-deny-first',
    violates: order,
    sentence: 'The runtime applies the device rules that deny before those that allow.',
    effect: rules((list) => [...list.filter(({ allow }) => !allow), ...list.filter(({ allow }) => allow)]),
  },
  {
    id: 'device-rules-allow-first',
    violates: order,
    sentence: 'The runtime applies the device rules that allow before those that deny.',
    effect: rules((list) => [...list.filter(({ allow }) => allow), ...list.filter(({ allow }) => !allow)]),
  },
  {
    id: 'device-rules-narrow-deny-lost',
    violates: order,
    sentence: 'The runtime passes over rules that deny single devices.',
    effect: rules((list) => list.filter((rule) => rule.allow || !isNarrow(rule))),
  },
  {
    id: 'device-rules-deny-all-lost',
    violates: ['devices-unlisted-not-accessible', ...type],
    sentence: 'The runtime passes over rules that deny everything.',
    effect: rules((list) => [
      { allow: true, access: 'rwm' },
      ...list.filter((rule) => rule.allow || isNarrow(rule)),
    ]),
  },
  {
    id: 'device-access-letters-ignored',
    violates: access,
    sentence: 'The runtime allows every access where a rule allows one.',
    effect: eachRule((rule) => {
      if (rule.allow) rule.access = 'rwm'
    }),
  },
  ...(['r', 'w'] as const).map(
    (letter): RuleFault => ({
      id: `device-access-${letter}-lost`,
      violates: access,
      sentence: `The runtime passes over the letter for ${letterNames[letter]} in rules that allow more than that.`,
      effect: eachRule((rule) => {
        if (rule.allow && isNarrow(rule) && rule.access !== letter)
          rule.access = (rule.access ?? '').replace(letter, '') || 'm'
      }),
    }),
  ),
  ...(['r', 'w'] as const).map(
    (letter): RuleFault => ({
      id: `device-access-${letter}-implied`,
      violates: access,
      sentence: `The runtime allows ${letterNames[letter]} wherever a rule allows anything else.`,
      effect: eachRule((rule) => {
        if (rule.allow) rule.access = `${(rule.access ?? '').replace(letter, '')}${letter}`
      }),
    }),
  ),
  {
    id: 'device-access-denied-as-a-whole',
    violates: access,
    sentence: 'The runtime denies every access where a rule denies one letter.',
    effect: eachRule((rule) => {
      if (!rule.allow) rule.access = 'rwm'
    }),
  },
  {
    id: 'device-rule-replaces-earlier-one',
    violates: access,
    sentence: 'The runtime keeps the last of several rules that allow the same device.',
    effect: rules((list) =>
      list.filter(
        (rule, position) =>
          !(rule.allow && isNarrow(rule)) ||
          !list
            .slice(position + 1)
            .some((later) => later.allow && later.major === rule.major && later.minor === rule.minor),
      ),
    ),
  },
  {
    id: 'device-rule-without-type-is-for-characters',
    violates: type,
    sentence: 'The runtime takes a rule without a type that allows for one about character devices.',
    effect: eachRule((rule) => {
      if (rule.allow && rule.type === undefined) rule.type = 'c'
    }),
  },
  {
    id: 'device-rule-of-type-a-ignored',
    violates: type,
    sentence: 'The runtime passes over rules of type a that allow.',
    effect: rules((list) => list.filter(({ allow, type }) => !allow || type !== 'a')),
  },
  {
    id: 'device-rule-type-ignored',
    violates: type,
    sentence: 'The runtime allows block and character devices of the same numbers alike.',
    effect: rules((list) =>
      list.flatMap((rule) =>
        rule.allow && (rule.type === 'c' || rule.type === 'b')
          ? [{ ...rule, type: 'c' } as const, { ...rule, type: 'b' } as const]
          : [rule],
      ),
    ),
  },
  {
    id: 'device-rule-without-minor-is-minor-zero',
    violates: numbers,
    sentence: 'The runtime takes a missing minor number for 0 where a rule has a major number.',
    effect: eachRule((rule) => {
      if (rule.major !== undefined) rule.minor ??= 0
    }),
  },
  {
    id: 'device-rule-without-major-is-major-zero',
    violates: numbers,
    sentence: 'The runtime takes a missing major number for 0 where a rule has a minor number.',
    effect: eachRule((rule) => {
      if (rule.minor !== undefined) rule.major ??= 0
    }),
  },
  {
    id: 'device-rule-without-numbers-ignored',
    violates: numbers,
    sentence: 'The runtime passes over rules that allow a type of devices without numbers.',
    effect: rules((list) => list.filter((rule) => !rule.allow || isNarrow(rule) || rule.type === undefined)),
  },
  {
    id: 'device-rule-minor-ignored',
    violates: [...numbers, ...order],
    sentence: 'The runtime takes a rule about one device for one about all of its major number.',
    effect: eachRule((rule) => {
      if (rule.allow && rule.major !== undefined) delete rule.minor
    }),
  },
  {
    id: 'device-rule-without-allow-allows',
    violates: ['resources-devices-allow-required'],
    sentence: 'The runtime takes a rule that does not say whether it allows for one that does.',
    effect: rawRules((list) => list.map((rule) => ({ allow: true, ...rule }))),
  },
  {
    id: 'device-rule-of-unknown-type-ignored',
    violates: type,
    sentence: 'The runtime passes over device rules of types that do not exist.',
    effect: rawRules((list) => list.filter(({ type = 'a' }) => ['a', 'b', 'c'].includes(String(type)))),
  },
  {
    id: 'device-rule-with-unknown-letter-ignored',
    violates: access,
    sentence: 'The runtime passes over letters of access that do not exist.',
    effect: rawRules((list) => list.filter(({ access = 'rwm' }) => /^[rwm]+$/.test(String(access)))),
  },
  {
    id: 'device-rules-missing-close-default-devices',
    violates: ['resources-devices-optional'],
    sentence: 'The runtime closes every device, the default ones, too, where there are no device rules.',
    effect: configuration((spec) =>
      spec.linux?.resources?.devices === undefined ? closingDevices(spec) : copySpec(spec),
    ),
  },
]

/** Rules about the devices that a container may use. */
export const resourcesDevices: readonly Fault[] = [
  ...ruleFaults.map((fault): Fault => ({ ...fault, area: 'resources-devices' })),
  {
    id: 'device-rules-reset-by-update',
    area: 'resources-devices',
    violates: [],
    tests: ['resources-devices/an-update-of-another-limit-leaves-the-device-rules-as-they-are'],
    sentence: 'The runtime allows a container every device once any of its limits is updated.',
    effect: after('update', `echo a >${devicesCgroup('$PID')}/devices.allow`),
  },
  {
    id: 'refused-device-rule-leaves-cgroup',
    area: 'resources-devices',
    violates: [...type, ...access],
    sentence: 'The runtime leaves a cgroup behind when it refuses to create a container.',
    effect: program(
      'create',
      [
        '"$REAL" "$@" && exit',
        'runwright_status=$?',
        'hierarchy=/sys/fs/cgroup/pids; [ -d "$hierarchy" ] || hierarchy=/sys/fs/cgroup',
        'mkdir -p "$hierarchy/$ID"; exit "$runwright_status"',
      ].join('\n'),
    ),
  },
]
