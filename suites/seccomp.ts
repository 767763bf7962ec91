import {
  combine,
  type Edit,
  gardenSeccompProfile,
  type Seccomp,
  type SeccompArgument,
  type SeccompFlag,
  type SeccompRule,
  withNoNewPrivileges,
  withoutValue,
  withSeccomp,
  withValue,
} from '../harness/spec/index.ts'
import { type DeclareTest, type Need, suite } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

const needs: readonly Need[] = ['seccomp']

/** What mkdir(1) may call, what chmod(1) may, and what truncate(1) may: architectures differ in it. */
const mkdirCalls: readonly string[] = ['mkdir', 'mkdirat']
const chmodCalls: readonly string[] = ['chmod', 'fchmodat', 'fchmodat2']
const truncateCalls: readonly string[] = ['truncate', 'ftruncate']

/** Makes a directory and changes a mode, and says of both how it went. */
const attempts = shell(
  'mkdir /dev/shm/made 2>&1 && echo made; touch /dev/shm/file; chmod 600 /dev/shm/file 2>&1 && echo changed',
)

/** How the C library words an errno, for those that every one words alike; the first is EPERM. */
const errnos: Readonly<Record<number, string>> = {
  1: 'Operation not permitted',
  21: 'Is a directory',
  28: 'No space left on device',
  38: 'Function not implemented',
}

/** What `attempts` prints when mkdir(2) fails with this errno and nothing else does. */
function onlyMkdirFails(errno: keyof typeof errnos): RegExp {
  return new RegExp(`^mkdir: [^\n]*: ${errnos[errno]}\nchanged\n$`)
}

/** A filter that lets everything pass but for these rules. */
function allowingBut(...syscalls: readonly SeccompRule[]): Seccomp {
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [...syscalls] }
}

/** A rule for mkdir(2). */
function mkdirRule(members: Partial<SeccompRule> = {}): SeccompRule {
  return { names: [...mkdirCalls], action: 'SCMP_ACT_ERRNO', ...members }
}

/** A filter with a rule for whatever programs need but mkdir(2), so that its default action meets that alone. */
function allBut(defaults: Partial<Seccomp>, ...more: readonly SeccompRule[]): Seccomp {
  const { architectures, syscalls = [], ...profile } = gardenSeccompProfile('fuse')
  const usual = syscalls.map((rule) => ({
    ...rule,
    names: rule.names.filter((name) => !mkdirCalls.includes(name)),
  }))
  return { ...profile, ...defaults, syscalls: [...usual, ...more] }
}

/** One configuration that has a fault, and what it would be without it. */
interface Malformed {
  readonly good: Seccomp
  readonly fault: Edit
  readonly covers: readonly string[]
}

const conditional = allowingBut(mkdirRule({ args: [{ index: 1, value: 0o777, op: 'SCMP_CMP_EQ' }] }))
const ruleAt = 'linux.seccomp.syscalls[0]'
const argumentAt = `${ruleAt}.args[0]`
const invalid = 'valid-values-invalid-errors'

const malformed: Readonly<Record<string, Malformed>> = {
  'a filter without a default action': {
    good: allowingBut(mkdirRule()),
    fault: withoutValue('linux.seccomp.defaultAction'),
    covers: ['seccomp-defaultaction-required'],
  },
  'a default action that does not exist': {
    good: allowingBut(mkdirRule()),
    fault: withValue('linux.seccomp.defaultAction', 'SCMP_ACT_SING'),
    covers: ['seccomp-defaultaction-required', invalid],
  },
  'an architecture that does not exist': {
    good: { ...allowingBut(mkdirRule()), architectures: nativeArchitectures() },
    fault: withValue('linux.seccomp.architectures', ['SCMP_ARCH_ABACUS']),
    covers: ['seccomp-architectures-optional', invalid],
  },
  'a flag that does not exist': {
    good: allowingBut(mkdirRule()),
    fault: withValue('linux.seccomp.flags', ['SECCOMP_FILTER_FLAG_PIRATE']),
    covers: ['seccomp-flags-optional', invalid],
  },
  'a rule without names': {
    good: allowingBut(mkdirRule()),
    fault: withoutValue(`${ruleAt}.names`),
    covers: ['seccomp-syscalls-names-required'],
  },
  'a rule with an empty list of names': {
    good: allowingBut(mkdirRule()),
    fault: withValue(`${ruleAt}.names`, []),
    covers: ['seccomp-syscalls-names-nonempty'],
  },
  'a rule without an action': {
    good: allowingBut(mkdirRule()),
    fault: withoutValue(`${ruleAt}.action`),
    covers: ['seccomp-syscalls-action-required'],
  },
  'a rule with an action that does not exist': {
    good: allowingBut(mkdirRule()),
    fault: withValue(`${ruleAt}.action`, 'SCMP_ACT_SING'),
    covers: ['seccomp-syscalls-action-required', invalid],
  },
  'a condition without an index': {
    good: conditional,
    fault: withoutValue(`${argumentAt}.index`),
    covers: ['seccomp-args-index-required'],
  },
  'a condition on a seventh argument': {
    good: conditional,
    fault: withValue(`${argumentAt}.index`, 6),
    covers: ['seccomp-args-index-required', invalid],
  },
  'a condition without a value': {
    good: conditional,
    fault: withoutValue(`${argumentAt}.value`),
    covers: ['seccomp-args-value-required'],
  },
  'a condition without an operator': {
    good: conditional,
    fault: withoutValue(`${argumentAt}.op`),
    covers: ['seccomp-args-op-required'],
  },
  'a condition with an operator that does not exist': {
    good: conditional,
    fault: withValue(`${argumentAt}.op`, 'SCMP_CMP_ROUGHLY'),
    covers: ['seccomp-args-op-required', invalid],
  },
  'a number to fail with for a rule that allows': {
    good: allBut({}, mkdirRule({ action: 'SCMP_ACT_ALLOW' })),
    fault: withSeccomp(allBut({}, mkdirRule({ action: 'SCMP_ACT_ALLOW', errnoRet: 28 }))),
    covers: ['seccomp-syscalls-errnoret-unsupported-errors'],
  },
  'a number to fail with for a rule that kills': {
    good: allowingBut(mkdirRule({ action: 'SCMP_ACT_KILL' })),
    fault: withValue(`${ruleAt}.errnoRet`, 28),
    covers: ['seccomp-syscalls-errnoret-unsupported-errors'],
  },
  'a number to fail with for a default action that allows': {
    good: allowingBut(mkdirRule()),
    fault: withValue('linux.seccomp.defaultErrnoRet', 28),
    covers: ['seccomp-defaulterrnoret-unsupported-errors'],
  },
  'a number to fail with for a default action that only logs': {
    good: { ...allowingBut(mkdirRule()), defaultAction: 'SCMP_ACT_LOG' },
    fault: withValue('linux.seccomp.defaultErrnoRet', 28),
    covers: ['seccomp-defaulterrnoret-unsupported-errors'],
  },
  'metadata for a listener without the path of one': {
    good: allowingBut(mkdirRule()),
    fault: withValue('linux.seccomp.listenerMetadata', 'for nobody'),
    covers: ['seccomp-listenermetadata-needs-path'],
  },
}

/** What this machine runs itself, by the name of seccomp; compared with no other, the list is only accepted. */
function nativeArchitectures(): Seccomp['architectures'] {
  const { architectures = [] } = gardenSeccompProfile('default')
  return architectures
}

/** The sizes that truncate(1) is to give a file, for each condition on the size: denied or not. */
const comparisons: readonly {
  readonly what: string
  readonly covers: readonly string[]
  readonly args: readonly SeccompArgument[]
  readonly denied: readonly string[]
  readonly allowed: readonly string[]
}[] = [
  condition('SCMP_CMP_NE', ['99', '101'], ['100']),
  condition('SCMP_CMP_LT', ['0', '99'], ['100', '101']),
  condition('SCMP_CMP_LE', ['99', '100'], ['101']),
  condition('SCMP_CMP_EQ', ['100'], ['99', '101']),
  condition('SCMP_CMP_GE', ['100', '101'], ['99']),
  condition('SCMP_CMP_GT', ['101', '5000'], ['99', '100']),
  {
    what: 'SCMP_CMP_MASKED_EQ compares the masked argument with the second value',
    covers: ['seccomp-args-op-required', 'seccomp-args-valuetwo-optional'],
    args: [{ index: 1, value: 0xf0, valueTwo: 0x20, op: 'SCMP_CMP_MASKED_EQ' }],
    denied: ['32', '47', '288'],
    allowed: ['48', '16', '272'],
  },
  {
    what: 'a value above 2 to the 53rd is compared exactly',
    covers: ['seccomp-args-value-required'],
    args: [{ index: 1, value: 2n ** 53n + 1n, op: 'SCMP_CMP_EQ' }],
    denied: ['9007199254740993'],
    allowed: ['9007199254740992', '9007199254740994'],
  },
  {
    what: 'a value above 2 to the 32nd is compared as a whole',
    covers: ['seccomp-args-value-required'],
    args: [{ index: 1, value: 2n ** 32n + 7n, op: 'SCMP_CMP_EQ' }],
    denied: ['4294967303'],
    allowed: ['7', '4294967296'],
  },
  {
    what: 'a condition is about the argument of its index',
    covers: ['seccomp-args-index-required'],
    args: [{ index: 0, value: 100, op: 'SCMP_CMP_EQ' }],
    denied: [],
    allowed: ['100', '3'],
  },
  {
    what: 'a rule takes effect where all of its conditions hold',
    covers: ['seccomp-syscalls-args-optional'],
    args: [
      { index: 0, value: 100, op: 'SCMP_CMP_LT' },
      { index: 1, value: 100, op: 'SCMP_CMP_EQ' },
    ],
    denied: ['100'],
    allowed: ['99'],
  },
  {
    what: 'a rule takes no effect where one of its conditions does not hold',
    covers: ['seccomp-syscalls-args-optional'],
    args: [
      { index: 0, value: 100, op: 'SCMP_CMP_GT' },
      { index: 1, value: 100, op: 'SCMP_CMP_EQ' },
    ],
    denied: [],
    allowed: ['99', '100'],
  },
  {
    what: 'a rule without conditions takes effect whatever the arguments',
    covers: ['seccomp-syscalls-args-optional'],
    args: [],
    denied: ['99', '100'],
    allowed: [],
  },
]

function condition(op: SeccompArgument['op'], denied: readonly string[], allowed: readonly string[]) {
  const args: readonly SeccompArgument[] = [{ index: 1, value: 100, op }]
  return {
    what: `${op} compares the argument with the value`,
    covers: ['seccomp-args-op-required'],
    args,
    denied,
    allowed,
  }
}

function declareEffects(test: DeclareTest): void {
  test('without a filter there is none', { covers: ['seccomp-optional'], needs }, async ({
    observe,
    control,
    expect,
  }) => {
    await control('a container with a filter shows that it has one', async () => {
      const filtered = await observe('filtered', withSeccomp(allowingBut(mkdirRule())))
      expect(filtered.statusField('Seccomp')).toBe('2')
    })
    const plain = await observe('plain', withSeccomp(undefined))
    expect(plain.statusField('Seccomp')).toBe('0')
  })

  test('a program runs under the filter of its configuration', {
    covers: ['seccomp-defaultaction-required'],
    needs,
  }, async ({ observe, expect }) => {
    const filtered = await observe('filtered', withSeccomp(allowingBut(mkdirRule())))
    expect(filtered.statusField('Seccomp')).toBe('2')
  })

  test('a filter without rules is accepted', { covers: ['seccomp-syscalls-optional'], needs }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const bundle = await bundles.busybox(
      'no-rules',
      attempts,
      withSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' }),
    )
    expect(await runtime.run(bundle)).toHavePrinted('made\nchanged\n')
  })

  const effects: Readonly<Record<string, readonly [Seccomp, string | RegExp, readonly string[]]>> = {
    'a system call with the action ERRNO fails, and others do not': [
      allowingBut(mkdirRule()),
      onlyMkdirFails(1),
      ['seccomp-syscalls-action-required'],
    ],
    'a system call without a rule gets the default action': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO' }),
      onlyMkdirFails(1),
      ['seccomp-defaultaction-required'],
    ],
    'a system call with the action ALLOW is let pass where the default action would not': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO' }, mkdirRule({ action: 'SCMP_ACT_ALLOW' })),
      'made\nchanged\n',
      ['seccomp-syscalls-action-required'],
    ],
    'a system call with the action LOG is let pass where the default action would not': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO' }, mkdirRule({ action: 'SCMP_ACT_LOG' })),
      'made\nchanged\n',
      ['seccomp-syscalls-action-required'],
    ],
    'a system call with the action TRACE fails with ENOSYS where nobody traces': [
      allowingBut(mkdirRule({ action: 'SCMP_ACT_TRACE' })),
      onlyMkdirFails(38),
      ['seccomp-syscalls-action-required'],
    ],
    'a rule is for all the names in its list': [
      allowingBut({ names: [...mkdirCalls, ...chmodCalls], action: 'SCMP_ACT_ERRNO' }),
      /^mkdir: [^\n]*: Operation not permitted\nchmod: [^\n]*: Operation not permitted\n$/,
      ['seccomp-syscalls-names-required'],
    ],
    'each of several rules takes effect': [
      allowingBut(mkdirRule(), { names: [...chmodCalls], action: 'SCMP_ACT_TRACE' }),
      /^mkdir: [^\n]*: Operation not permitted\nchmod: [^\n]*: Function not implemented\n$/,
      ['seccomp-syscalls-action-required'],
    ],
    'a filter that names the architectures of this machine and others takes effect': [
      { ...allowingBut(mkdirRule()), architectures: nativeArchitectures() },
      onlyMkdirFails(1),
      ['seccomp-architectures-optional'],
    ],
    'a rule with an errno of ENOSPC makes the call fail with it': [
      allowingBut(mkdirRule({ errnoRet: 28 })),
      onlyMkdirFails(28),
      ['seccomp-syscalls-errnoret-optional'],
    ],
    'a rule with an errno of EISDIR makes the call fail with it': [
      allowingBut(mkdirRule({ errnoRet: 21 })),
      onlyMkdirFails(21),
      ['seccomp-syscalls-errnoret-optional'],
    ],
    'a rule without an errno beside one that has it makes its call fail with EPERM': [
      allowingBut(mkdirRule({ errnoRet: 28 }), { names: [...chmodCalls], action: 'SCMP_ACT_ERRNO' }),
      /^mkdir: [^\n]*: No space left on device\nchmod: [^\n]*: Operation not permitted\n$/,
      ['seccomp-syscalls-errnoret-optional'],
    ],
    'a default action with an errno of ENOSPC makes calls without a rule fail with it': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 28 }),
      onlyMkdirFails(28),
      ['seccomp-defaulterrnoret-optional'],
    ],
    'a default errno does not reach the rules': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 28 }, mkdirRule({ errnoRet: 21 })),
      onlyMkdirFails(21),
      ['seccomp-defaulterrnoret-optional', 'seccomp-syscalls-errnoret-optional'],
    ],
    'without a default errno calls without a rule fail with EPERM': [
      allBut({ defaultAction: 'SCMP_ACT_ERRNO' }),
      onlyMkdirFails(1),
      ['seccomp-defaulterrnoret-optional'],
    ],
    'the path of a listener has no effect where no rule notifies one': [
      { ...allowingBut(mkdirRule()), listenerPath: '/run/nobody-listens-here' },
      onlyMkdirFails(1),
      ['seccomp-listenerpath-optional'],
    ],
  }
  for (const [title, [filter, printed, covers]] of Object.entries(effects)) {
    test(title, { covers, needs }, async ({ bundles, runtime, control, expect }) => {
      await control('without a filter both attempts succeed', async () => {
        const plain = await bundles.busybox('attempts', attempts, withSeccomp(undefined))
        expect(await runtime.run(plain)).toHavePrinted('made\nchanged\n')
      })
      const bundle = await bundles.busybox(nameOf(title), attempts, withSeccomp(filter))
      expect(await runtime.run(bundle)).toHavePrinted(printed)
    })
  }

  test('a filter takes effect on a program that may gain privileges, too', {
    covers: ['seccomp-syscalls-action-required'],
    needs,
  }, async ({ bundles, runtime, expect }) => {
    const filter = combine(withSeccomp(allowingBut(mkdirRule())), withNoNewPrivileges(false))
    const bundle = await bundles.busybox('new-privileges', attempts, filter)
    expect(await runtime.run(bundle)).toHavePrinted(onlyMkdirFails(1))
  })

  test('a filter takes effect on a process that is executed in the container', {
    covers: [],
    needs: [...needs, 'runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('sleeping', sleeping, withSeccomp(allowingBut(mkdirRule())))
    const container = await runtime.create(bundle)
    await container.start()
    expect(await container.exec(attempts)).toHavePrinted(onlyMkdirFails(1))
  })

  for (const [action, covers] of [
    ['SCMP_ACT_KILL', ['seccomp-syscalls-action-required']],
    ['SCMP_ACT_KILL_THREAD', ['seccomp-syscalls-action-required', 'seccomp-syscalls-errnoret-optional']],
    ['SCMP_ACT_KILL_PROCESS', ['seccomp-syscalls-action-required', 'seccomp-syscalls-errnoret-optional']],
  ] as const) {
    test(`a process that makes a system call with the action ${action} is killed by SIGSYS`, {
      covers: [...covers],
      needs,
    }, async ({ bundles, runtime, control, expect }) => {
      const program = shell('echo started; mkdir /dev/shm/made; echo "ended $?"')
      await control('the program goes well without the rule', async () => {
        const plain = await bundles.busybox('killed-control', program, withSeccomp(undefined))
        expect(await runtime.run(plain)).toHavePrinted('started\nended 0\n')
      })
      const filter = withSeccomp(allowingBut(mkdirRule({ action })))
      const result = await runtime.run(await bundles.busybox(nameOf(action), program, filter))
      // 128 + 31, the number of SIGSYS.
      expect(result).toHavePrinted('started\nended 159\n')
    })
  }

  test('a process that makes a system call with the action TRAP is sent SIGSYS, which it can handle', {
    covers: ['seccomp-syscalls-action-required'],
    needs,
  }, async ({ bundles, runtime, control, expect }) => {
    const program = shell("trap 'echo trapped' SYS; umask 0124; echo went on")
    await control('nothing is trapped without the rule', async () => {
      const plain = await bundles.busybox('trap-control', program, withSeccomp(undefined))
      expect(await runtime.run(plain)).toHavePrinted('went on\n')
    })
    const args: SeccompArgument[] = [{ index: 0, value: 0o124, op: 'SCMP_CMP_EQ' }]
    const filter = withSeccomp(allowingBut({ names: ['umask'], action: 'SCMP_ACT_TRAP', args }))
    expect(await runtime.run(await bundles.busybox('trap', program, filter))).toHavePrinted(
      'trapped\nwent on\n',
    )
  })

  for (const flag of [
    'SECCOMP_FILTER_FLAG_TSYNC',
    'SECCOMP_FILTER_FLAG_LOG',
    'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  ] satisfies SeccompFlag[]) {
    test(`a filter with the flag ${flag} takes effect`, {
      covers: ['seccomp-flags-optional'],
      needs,
    }, async ({ bundles, runtime, expect }) => {
      const filter = withSeccomp({ ...allowingBut(mkdirRule()), flags: [flag] })
      expect(await runtime.run(await bundles.busybox(nameOf(flag), attempts, filter))).toHavePrinted(
        onlyMkdirFails(1),
      )
    })
  }
}

function declareConditions(test: DeclareTest): void {
  for (const { what, covers, args, denied, allowed } of comparisons) {
    test(what, { covers, needs }, async ({ bundles, runtime, control, expect }) => {
      const sizes = [...denied, ...allowed]
      const attempt =
        'rm -f /dev/shm/file; truncate -s $size /dev/shm/file 2>/dev/null && stat -c %s /dev/shm/file'
      const program = shell(`for size in ${sizes.join(' ')}; do ${attempt}; done; echo done`)
      await control('without the rule the file gets every size', async () => {
        const plain = await bundles.busybox(`${nameOf(what)}-control`, program, withSeccomp(undefined))
        expect(await runtime.run(plain)).toHavePrinted([...sizes, 'done\n'].join('\n'))
      })
      const rule: SeccompRule = { names: [...truncateCalls], action: 'SCMP_ACT_ERRNO', args: [...args] }
      const bundle = await bundles.busybox(nameOf(what), program, withSeccomp(allowingBut(rule)))
      expect(await runtime.run(bundle)).toHavePrinted([...allowed, 'done\n'].join('\n'))
    })
  }
}

function declareRefusals(test: DeclareTest): void {
  for (const [description, { good, fault, covers }] of Object.entries(malformed)) {
    test(`create refuses ${description}`, { covers, needs }, async ({
      bundles,
      runtime,
      control,
      id,
      expect,
    }) => {
      const name = nameOf(description)
      await control('the configuration without the fault is accepted', async () =>
        runtime.create(await bundles.busybox(`${name}-control`, sleeping, withSeccomp(good)), {
          id: id('good'),
        }),
      )
      const bundle = await bundles.busybox(name, sleeping, combine(withSeccomp(good), fault))
      await expect(runtime.command(['create', '--bundle', bundle.path, id('bad')])).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
    })
  }
}

/** The name of a bundle, made of a title. */
function nameOf(title: string): string {
  return title.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 100)
}

export const seccomp = suite('seccomp', ({ test }) => {
  declareEffects(test)
  declareConditions(test)
  declareRefusals(test)
})
