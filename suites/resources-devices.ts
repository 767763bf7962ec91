import { cgroupDirectoriesNamed } from '../harness/probe/index.ts'
import {
  addDevice,
  combine,
  type Device,
  type DeviceRule,
  type Edit,
  withoutValue,
  withValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

const needs = ['cgroup-devices'] as const

/**
 * Nodes of numbers that no driver has: opening one fails in any case, and why it fails tells whether the access was
 * allowed (there is no such device) or not (it is not permitted).
 */
const nodes = {
  a: { type: 'c', major: 3_000, minor: 7 },
  b: { type: 'c', major: 3_000, minor: 8 },
  c: { type: 'c', major: 3_001, minor: 7 },
  d: { type: 'b', major: 3_000, minor: 7 },
} as const satisfies Readonly<Record<string, Omit<Device, 'path'>>>

type NodeName = keyof typeof nodes

const nodeNames = ['a', 'b', 'c', 'd'] as const satisfies readonly NodeName[]

const withNodes: Edit = addDevice(
  ...nodeNames.map((name): Device => ({ path: `/dev/node-${name}`, ...nodes[name], fileMode: 0o666 })),
)

/** For each node, whether it may be read (r) and written (w), such as `a rw`; a letter that is refused is a dash. */
const trying = shell(`
  try() {
    message=$( (eval ": $2/dev/node-$1") 2>&1 )
    case "$message" in
      *"not permitted"*) printf -- - ;;
      *"o such device"*) printf $3 ;;
      *) printf '?%s?' "$message" ;;
    esac
  }
  for name in ${nodeNames.join(' ')}; do
    printf "$name "; try $name '<' r; try $name '>>' w; echo
  done`)

const denyAll: DeviceRule = { allow: false, access: 'rwm' }
const allowA: DeviceRule = { allow: true, ...nodes.a, access: 'rwm' }
const denyA: DeviceRule = { ...allowA, allow: false }

/** Exactly these rules, in this order. */
function withRules(...rules: readonly (DeviceRule | object)[]): Edit {
  return combine(withNodes, withValue('linux.resources.devices', rules))
}

/** What may be done with each node, in the order a, b, c, d: `rw`, `r-`, `-w` or `--`. */
type Access = readonly [a: string, b: string, c: string, d: string]

function printed(access: Access): string {
  return nodeNames.map((name, position) => `${name} ${access[position]}\n`).join('')
}

const nothing: Access = ['--', '--', '--', '--']

interface RuleCase {
  readonly covers: readonly string[]
  readonly rules: readonly DeviceRule[]
  readonly access: Access
}

const order = ['resources-devices-in-order']
const type = ['resources-devices-type-optional']
const numbers = ['resources-devices-major-minor-optional']
const letters = ['resources-devices-access-optional']

const cases: Readonly<Record<string, RuleCase>> = {
  'a rule that denies everything leaves no listed device open': {
    covers: [...type, ...numbers],
    rules: [denyAll],
    access: nothing,
  },
  'a rule that allows a device behind one that denies everything opens that device alone': {
    covers: order,
    rules: [denyAll, allowA],
    access: ['rw', '--', '--', '--'],
  },
  'a rule that allows a device before one that denies everything opens nothing': {
    covers: order,
    rules: [denyAll, allowA, denyAll],
    access: nothing,
  },
  'a rule that denies a device behind one that allows it closes it': {
    covers: order,
    rules: [denyAll, allowA, denyA],
    access: nothing,
  },
  'a rule that allows a device behind one that denies it opens it': {
    covers: order,
    rules: [denyAll, denyA, allowA],
    access: ['rw', '--', '--', '--'],
  },
  'a rule that denies a device behind one that allows everything closes that device alone': {
    covers: order,
    // Making the node stays allowed: a runtime may make it only once the rules are in force.
    rules: [
      { allow: true, access: 'rwm' },
      { ...denyA, access: 'rw' },
    ],
    access: ['--', 'rw', 'rw', 'rw'],
  },
  'a rule without a type is about character and block devices alike': {
    covers: type,
    rules: [denyAll, { allow: true, access: 'rwm' }],
    access: ['rw', 'rw', 'rw', 'rw'],
  },
  'a rule of type a is about character and block devices alike': {
    covers: type,
    rules: [denyAll, { allow: true, type: 'a', access: 'rwm' }],
    access: ['rw', 'rw', 'rw', 'rw'],
  },
  'a rule for character devices is not about block devices of the same numbers': {
    covers: type,
    rules: [denyAll, { allow: true, type: 'c', major: 3_000, minor: 7, access: 'rwm' }],
    access: ['rw', '--', '--', '--'],
  },
  'a rule for block devices is not about character devices of the same numbers': {
    covers: type,
    rules: [denyAll, { allow: true, type: 'b', major: 3_000, minor: 7, access: 'rwm' }],
    access: ['--', '--', '--', 'rw'],
  },
  'a rule without numbers is about every device of its type': {
    covers: numbers,
    rules: [denyAll, { allow: true, type: 'c', access: 'rwm' }],
    access: ['rw', 'rw', 'rw', '--'],
  },
  'a rule without a minor number is about every device of its major number': {
    covers: numbers,
    rules: [denyAll, { allow: true, type: 'c', major: 3_000, access: 'rwm' }],
    access: ['rw', 'rw', '--', '--'],
  },
  'a rule without a major number is about every device of its minor number': {
    covers: numbers,
    rules: [denyAll, { allow: true, type: 'c', minor: 7, access: 'rwm' }],
    access: ['rw', '--', 'rw', '--'],
  },
  'a rule with access r allows reading alone': {
    covers: letters,
    rules: [denyAll, { ...allowA, access: 'r' }],
    access: ['r-', '--', '--', '--'],
  },
  'a rule with access w allows writing alone': {
    covers: letters,
    rules: [denyAll, { ...allowA, access: 'w' }],
    access: ['-w', '--', '--', '--'],
  },
  'a rule with access rw allows reading and writing': {
    covers: letters,
    rules: [denyAll, { ...allowA, access: 'rw' }],
    access: ['rw', '--', '--', '--'],
  },
  'a rule with access m allows neither reading nor writing': {
    covers: letters,
    rules: [denyAll, { ...allowA, access: 'm' }],
    access: nothing,
  },
  'a rule that denies writing leaves reading allowed': {
    covers: letters,
    rules: [denyAll, allowA, { ...denyA, access: 'w' }],
    access: ['r-', '--', '--', '--'],
  },
  'two rules that allow one letter each allow both': {
    covers: letters,
    rules: [denyAll, { ...allowA, access: 'w' }, { ...allowA, access: 'r' }],
    access: ['rw', '--', '--', '--'],
  },
}

/** Rules that mean nothing, each with the one fault named. */
const faults: Readonly<Record<string, { readonly covers: readonly string[]; readonly rule: object }>> = {
  'of a type that does not exist': { covers: type, rule: { ...allowA, type: 'q' } },
  'with an access letter that does not exist': { covers: letters, rule: { ...allowA, access: 'x' } },
}

function nameOf(title: string): string {
  return title.replaceAll(/\W+/g, '-')
}

async function startWith(
  { bundles, runtime }: Pick<TestContext, 'bundles' | 'runtime'>,
  name: string,
  filter: Edit,
) {
  const container = await runtime.create(await bundles.busybox(name, sleeping, filter))
  await container.start()
  return container
}

export const resourcesDevices = suite('resources-devices', ({ test }) => {
  for (const [title, { covers, rules, access }] of Object.entries(cases)) {
    test(title, { covers, needs }, async ({ bundles, runtime, expect }) => {
      const result = await runtime.run(await bundles.busybox(nameOf(title), trying, withRules(...rules)))
      expect(result).toHavePrinted(printed(access))
    })
  }

  for (const [description, { covers, rule }] of Object.entries(faults)) {
    test(`create refuses a device rule ${description} and leaves no cgroup behind`, {
      covers,
      needs,
    }, async ({ bundles, runtime, control, id, expect }) => {
      await control('the rule without the fault is accepted', async () =>
        runtime.create(await bundles.busybox('whole', sleeping, withRules(denyAll, allowA))),
      )
      const bundle = await bundles.busybox(nameOf(description), sleeping, withRules(denyAll, rule))
      await expect(runtime.create(bundle, { id: id('bad') })).toBeRefused()
      expect(cgroupDirectoriesNamed(id('bad'))).toEqual([])
    })
  }

  test('a rule that does not say whether it allows is refused, or allows nothing', {
    covers: ['resources-devices-allow-required'],
    needs: [...needs, 'runtime:host-kernel'],
  }, async ({ bundles, runtime, control, id, expect }) => {
    await control('the rule opens the device if it says that it allows', async () => {
      const allowing = await bundles.busybox('allowing', trying, withRules(denyAll, allowA))
      expect(await runtime.run(allowing)).toHavePrinted(printed(['rw', '--', '--', '--']))
    })
    const { allow: _, ...rule } = allowA
    const bundle = await bundles.busybox('saying-nothing', trying, withRules(denyAll, rule))
    const result = await runtime.command(['run', '--bundle', bundle.path, id()])
    if (result.exitCode === 0) expect(result).toHavePrinted(printed(nothing))
    else await expect(Promise.resolve(result)).toBeRefused()
  })

  test('without device rules the default devices can be used', {
    covers: ['resources-devices-optional'],
    needs,
  }, async ({ bundles, runtime, expect }) => {
    const script = 'head -c 3 /dev/zero | wc -c; echo text >/dev/null && echo written'
    const filter = withoutValue('linux.resources.devices')
    expect(await runtime.run(await bundles.busybox('no-rules', shell(script), filter))).toHavePrinted(
      '3\nwritten\n',
    )
  })

  test('a device that is neither listed nor a default one cannot be used where rules deny everything else', {
    covers: ['devices-unlisted-not-accessible'],
    needs,
  }, async ({ bundles, runtime, expect }) => {
    const script = `head -c 3 /dev/zero | wc -c; ${trying.at(-1)}`
    const bundle = await bundles.busybox('default-only', shell(script), withRules(denyAll))
    expect(await runtime.run(bundle)).toHavePrinted(`3\n${printed(nothing)}`)
  })

  test('a process executed in a container is held to the same device rules', {
    covers: order,
    needs: [...needs, 'runtime:exec'],
  }, async (context) => {
    const container = await startWith(context, 'executing', withRules(denyAll, allowA))
    const result = await container.exec(trying)
    context.expect(result).toHavePrinted(printed(['rw', '--', '--', '--']))
  })

  test('an update of another limit leaves the device rules as they are', {
    covers: [],
    needs: [...needs, 'cgroup-pids', 'runtime:exec', 'runtime:update'],
  }, async (context) => {
    const { expect } = context
    const container = await startWith(context, 'updated', withRules(denyAll, allowA))
    await container.update({ pids: { limit: 500 } })
    const script = `head -c 3 /dev/zero | wc -c; ${trying.at(-1)}`
    const result = await container.exec(shell(script))
    expect(result).toHavePrinted(`3\n${printed(['rw', '--', '--', '--'])}`)
  })
})
