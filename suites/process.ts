import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identifyProcess, lenientAppArmorProfile, selinuxLabel, until } from '../harness/host/index.ts'
import type { InsideObservation } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import {
  addBindMount,
  addTmpfs,
  combine,
  type Edit,
  type ProcessSpec,
  withArgs,
  withCapabilities,
  withCwd,
  withEnv,
  withMemoryLimit,
  withNoNewPrivileges,
  withOomScoreAdj,
  withoutValue,
  withProcess,
  withValue,
} from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { createAndStart, expectFaultRefused } from './acceptance.ts'
import { after, printedThrough } from './callers.ts'
import { endOf, patienceMs, pidOf, untilEnded, untilPrinted } from './containers.ts'
import { observeExecuted, observeRun, reporting } from './inside.ts'
import { mebibyte, shell, sleeping, top } from './programs.ts'

/** The children of a process, see proc(5). */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').map(Number)
}

/** An environment that holds what is easily broken. HOME is named because runtimes may add it where it is not. */
const environment = [
  'PATH=/bin',
  'HOME=/of/the/test',
  'COLOUR=green',
  'EMPTY=',
  'EQUATION=a=b=c',
  'SPACED= two  words ',
  'QUOTED="$HOME"',
  'POLISH=zażółć',
]

/** Words that a shell on the way would change. */
const words = [
  'two words',
  '',
  '  ',
  '*',
  '$HOME',
  '"quoted"',
  "it's",
  '--help',
  '\\',
  'zażółć',
  'line\nbreak',
]

/** What a runtime may add of its own to an environment that says nothing about it. */
const mayBeAdded = /^(HOME|TERM)=/

/** Opens more descriptors than a program should have, and leaves them open across execve(2). */
const manyDescriptors = after('exec 3</dev/null 4</dev/null 5</dev/null 9</dev/null')

/** Prints the descriptors of the shell that runs it, a line each; a last command of its own the shell would become. */
const listDescriptors = 'ls /proc/$$/fd; true'

/** Prints the arguments of the shell that runs it as the kernel has them. */
const printArguments = 'cat /proc/$$/cmdline; true'

/** Two directories of programs, bound into the container; in both there is a `greet` that tells where it lies. */
async function toolsOf({ temporaryDirectory }: TestContext): Promise<Edit> {
  const tools = await temporaryDirectory()
  for (const name of ['first', 'second']) {
    await mkdir(join(tools, name))
    await writeFile(join(tools, name, 'greet'), `#!/bin/sh\necho greetings from the ${name}\n`, {
      mode: 0o755,
    })
  }
  return addBindMount(tools, '/opt')
}

/** A user database in which root needs no password. */
const openDatabase = ['root::0:0:root:/root:/bin/sh', 'user:x:1000:1000:user:/home:/bin/sh', ''].join('\n')

/** As an ordinary user, asks a set-user-id `su` for root's identity, and prints it where it was given. */
const gainPrivileges = [
  'cp /bin/busybox /mnt/su && chmod 4755 /mnt/su && echo trying',
  'su user -c \'/mnt/su root -c "id -u"\'',
].join(' && ')

async function running({ bundles, runtime }: TestContext): Promise<Container> {
  const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
  await container.start()
  return container
}

export const processes = suite('process', ({ test }) => {
  test('the program sees the files of the root file system', {
    covers: ['lifecycle-start-runs-program'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('list-root', ['ls', '-a', '/'])
    const visible = (await readdir(bundle.rootfs)).sort()
    const result = await runtime.run(bundle)
    expect(result).toHaveExited(0)
    expect(result.stdout.trim().split('\n').sort()).toEqual(['.', '..', ...visible].sort())
  })

  for (const code of [0, 1, 42, 127, 255]) {
    test(`a program that ends with exit code ${code} is seen to end with it`, {
      covers: ['lifecycle-process-exit-causes'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox(`exit-${code}`, shell(`echo ending; exit ${code}`))
      const started = await runtime.create(bundle)
      await started.start()
      const afterStart = await untilEnded(started)
      expect(afterStart).toHavePrinted('ending\n')
      expect(afterStart).toHaveExited(code)
      const run = await runtime.run(bundle)
      expect(run).toHavePrinted('ending\n')
      expect(run).toHaveExited(code)
    })
  }

  test('standard output and standard error stay apart, and standard input is read to its end', {
    covers: [],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const input = join(await temporaryDirectory(), 'input')
    await writeFile(input, 'from the harness\n')
    const bundle = await bundles.busybox('streams', shell('cat; echo to stderr >&2'))
    const result = await runtime.run(bundle, { stdin: { file: input } })
    expect(result.stdout).toBe('from the harness\n')
    expect(result.stderr).toBe('to stderr\n')
  })

  test('a program that outgrows the memory limit is killed', {
    covers: ['memory-limit-optional'],
    needs: ['cgroup-memory'],
  }, async ({ bundles, runtime, control, expect }) => {
    // tail keeps the whole of its input, as long as no line ends.
    const greedy = shell('echo growing; tail /dev/zero')
    await control('a program within the limit is left alone', async () => {
      const modest = await bundles.busybox('modest', ['echo', 'small'], withMemoryLimit(32 * mebibyte))
      expect(await runtime.run(modest)).toHaveExited(0)
    })
    const result = await runtime.run(await bundles.busybox('greedy', greedy, withMemoryLimit(32 * mebibyte)))
    expect(result).toHavePrinted('growing\n')
    expect(result).toHaveExited(137)
  })

  test('ten containers of one bundle run side by side and end apart from each other', {
    covers: ['create-makes-container', 'state-id-unique-on-host'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('top', top)
    const containers = await Promise.all(Array.from({ length: 10 }, () => runtime.create(bundle)))
    await Promise.all(containers.map((container) => container.start()))
    for (const container of containers) await expect(container).toBeRunning()
    expect(new Set(containers.map(pidOf)).size).toBe(10)
    for (const container of containers.slice(0, 2)) expect(await endOf(container)).toHaveExited(137)
    for (const container of containers.slice(2)) await expect(container).toBeRunning()
  })

  test('when the first process ends, the kernel has ended and reaped all others of its pid namespace', {
    covers: [],
    needs: ['runtime:host-kernel'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('parents', shell('for n in 1 2 3; do sleep 1000 & done; echo spawned; wait')),
    )
    await container.start()
    await untilPrinted(container.init, 'spawned\n')
    const children = await childrenOf(pidOf(container))
    expect(children).toHaveLength(3)
    // Not by the runtime, which may end the others itself.
    process.kill(pidOf(container), 'SIGKILL')
    await untilEnded(container)
    await until(() => children.every((child) => identifyProcess(child) === undefined) || undefined, {
      timeoutMs: patienceMs,
      what: 'the children of the container to be gone',
    })
  })

  test('the program has no descriptors but standard input, output and error', {
    covers: ['fds-only-stdio-by-default'],
  }, async ({ bundles, runtime, control, expect }) => {
    await control('the caller has more of them open', async () => {
      expect((await printedThrough(manyDescriptors, listDescriptors)).split('\n')).toContain('9')
    })
    const bundle = await bundles.busybox('descriptors', shell(listDescriptors))
    expect(await runtime.called({ through: manyDescriptors }).run(bundle)).toHavePrinted('0\n1\n2\n')
  })

  test('the program of a container that was created and then started has no further descriptors', {
    covers: ['fds-only-stdio-by-default'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('descriptors', shell(listDescriptors))
    const called = runtime.called({ through: manyDescriptors })
    const container = await called.create(bundle)
    await container.start()
    expect(await untilEnded(container)).toHavePrinted('0\n1\n2\n')
  })

  test('an executed process has no descriptors but standard input, output and error', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const container = await running(context)
    const called = context.runtime.called({ through: manyDescriptors })
    context.expect(await called.exec(container.id, shell(listDescriptors))).toHavePrinted('0\n1\n2\n')
  })

  test('standard input that is /dev/null for the caller is an empty input for the program', {
    covers: ['fds-may-be-devnull'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('empty-input', shell('test -e /proc/$$/fd/0 && cat && echo ended'))
    expect(await runtime.run(bundle, { stdin: 'ignore' })).toHavePrinted('ended\n')
  })

  test('a configuration without a process cannot be started', {
    covers: ['process-required-at-start'],
  }, async (context) => {
    await expectFaultRefused(context, 'no process', withoutValue('process'))
  })

  test('the program starts in the configured working directory', {
    covers: ['process-cwd-applied'],
  }, async ({ observe, expect }) => {
    expect((await observe('directory', withCwd('/var/log'))).workingDirectory).toBe('/var/log')
  })

  test('a working directory that is a mount point is the directory that is mounted there', {
    covers: ['process-cwd-applied'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const source = await temporaryDirectory()
    await writeFile(join(source, 'only-here'), '')
    const bundle = await bundles.busybox(
      'mounted-directory',
      shell('pwd; ls'),
      combine(withCwd('/mnt'), addBindMount(source, '/mnt')),
    )
    expect(await runtime.run(bundle)).toHavePrinted('/mnt\nonly-here\n')
  })

  const badDirectories: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
    'a process without a working directory': {
      covers: 'process-cwd-required',
      fault: withoutValue('process.cwd'),
    },
    'an empty working directory': { covers: 'process-cwd-required', fault: withCwd('') },
    'a relative working directory': { covers: 'process-cwd-absolute', fault: withCwd('tmp') },
    'a working directory relative to the current one': {
      covers: 'process-cwd-absolute',
      fault: withCwd('./tmp'),
    },
  }
  for (const [description, { covers, fault }] of Object.entries(badDirectories)) {
    test(`${description} is refused`, { covers: [covers] }, async (context) => {
      await expectFaultRefused(context, description, fault)
    })
  }

  test('the environment of the program is exactly as configured', {
    covers: ['process-env-optional'],
  }, async ({ observe, expect }) => {
    const observed = (await observe('environment', withProcess({ env: environment }))).environment
    expect([...observed].sort()).toEqual([...environment].sort())
  })

  test('nothing of the environment of the caller gets into that of the program', {
    covers: ['process-env-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    const through = ['env', 'LEAKED_FROM_THE_CALLER=yes', 'COLOUR=red']
    await control('the caller has variables that the configuration lacks', async () => {
      expect(await printedThrough(through, 'env')).toContain('LEAKED_FROM_THE_CALLER=yes')
    })
    const bundle = await bundles.busybox('own-environment', reporting, withProcess({ env: environment }))
    const observed = (await observeRun(runtime.called({ through }), bundle)).environment
    expect([...observed].sort()).toEqual([...environment].sort())
  })

  test('a program without a configured environment has none of the variables of the caller', {
    covers: ['process-env-optional'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox(
      'no-environment',
      reporting,
      combine(withArgs('/bin/sh', ...reporting.slice(1)), withoutValue('process.env')),
    )
    const called = runtime.called({ environment: { LEAKED_FROM_THE_CALLER: 'yes' } })
    const observed = (await observeRun(called, bundle)).environment
    expect(observed.filter((variable) => !mayBeAdded.test(variable))).toEqual([])
  })

  const withoutProgram: Readonly<Record<string, Edit>> = {
    'no arguments at all': withoutValue('process.args'),
    'an empty list of arguments': withValue('process.args', []),
  }
  for (const [description, fault] of Object.entries(withoutProgram)) {
    test(`a process with ${description} is refused`, {
      covers: ['process-args-one-entry-required'],
    }, async (context) => {
      await expectFaultRefused(context, description, fault)
    })
  }

  test('the arguments reach the program unchanged', {
    covers: ['process-args-execvp-semantics'],
  }, async ({ bundles, runtime, expect }) => {
    const args = [...shell(printArguments), ...words]
    const result = await runtime.run(await bundles.busybox('arguments', args))
    expect(result.stdout.split('\0').slice(0, -1)).toEqual(args)
  })

  test('a program named without a slash is looked up along the configured PATH', {
    covers: ['process-args-execvp-semantics'],
    needs: ['program-files'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await toolsOf(context), withEnv({ PATH: '/nowhere:/opt/second:/bin' }))
    const bundle = await bundles.busybox('along-the-path', ['greet'], edit)
    expect(await runtime.run(bundle)).toHavePrinted('greetings from the second\n')
  })

  test('of two programs of the same name the one that comes first in PATH is run', {
    covers: ['process-args-execvp-semantics'],
    needs: ['program-files'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const tools = await toolsOf(context)
    for (const [first, second] of [
      ['first', 'second'],
      ['second', 'first'],
    ]) {
      const edit = combine(tools, withEnv({ PATH: `/opt/${first}:/opt/${second}` }))
      const bundle = await bundles.busybox(`${first}-before-${second}`, ['greet'], edit)
      expect(await runtime.run(bundle)).toHavePrinted(`greetings from the ${first}\n`)
    }
  })

  test('a program that PATH does not lead to is refused', {
    covers: ['process-args-execvp-semantics'],
    needs: ['program-files'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const tools = await toolsOf(context)
    const bundle = (name: string, path: string) =>
      bundles.busybox(name, ['greet'], combine(tools, withEnv({ PATH: path })))
    await control('the program runs where PATH leads to it', async () => {
      expect(await runtime.run(await bundle('led-to', '/bin:/opt/first'))).toHaveExited(0)
    })
    await expect(createAndStart(context, await bundle('not-led-to', '/bin'))).toBeRefused()
  })

  test('a program named with a slash is taken from that place and not looked up', {
    covers: ['process-args-execvp-semantics'],
    needs: ['program-files'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await toolsOf(context), withEnv({ PATH: '/opt/second:/bin' }), withCwd('/opt/first'))
    for (const [name, program] of Object.entries({
      absolute: '/opt/first/greet',
      relative: './greet',
    })) {
      const result = await runtime.run(await bundles.busybox(`${name}-program`, [program], edit))
      expect(result).toHavePrinted('greetings from the first\n')
    }
  })

  test('an AppArmor profile that the kernel does not have is refused', {
    covers: ['process-apparmor-optional'],
  }, async (context) => {
    await expectFaultRefused(
      context,
      'unknown profile',
      withProcess({ apparmorProfile: 'runwright-no-such-profile' }),
    )
  })

  test('the program runs under the configured AppArmor profile', {
    covers: ['process-apparmor-optional'],
    needs: ['apparmor'],
  }, async ({ observe, expect }) => {
    const apparmorProfile = lenientAppArmorProfile()
    const { securityLabel } = await observe('profile', withProcess({ apparmorProfile }))
    expect(securityLabel?.replace(/ \(\w+\)$/, '')).toBe(apparmorProfile)
  })

  test('an SELinux label that the kernel cannot give is refused', {
    covers: ['process-selinuxlabel-optional'],
  }, async (context) => {
    await expectFaultRefused(
      context,
      'unknown label',
      withProcess({ selinuxLabel: 'runwright_u:runwright_r:no_such_t:s0' }),
    )
  })

  test('the program runs with the configured SELinux label', {
    covers: ['process-selinuxlabel-optional'],
    needs: ['selinux'],
  }, async ({ observe, expect }) => {
    const { securityLabel } = await observe('label', withProcess({ selinuxLabel }))
    expect(securityLabel).toBe(selinuxLabel)
  })

  for (const [description, filter, field] of [
    ['noNewPrivileges the program is barred from gaining privileges', withNoNewPrivileges(true), '1'],
    ['noNewPrivileges set to false the program is not barred', withNoNewPrivileges(false), '0'],
  ] as const) {
    test(`with ${description}`, {
      covers: ['process-nonewprivileges-optional'],
      needs: ['runtime:host-kernel'],
    }, async ({ observe, expect }) => {
      expect((await observe(`new-privileges-${field}`, filter)).statusField('NoNewPrivs')).toBe(field)
    })
  }

  test('without noNewPrivileges the program is not barred from gaining privileges', {
    covers: ['process-nonewprivileges-optional'],
    needs: ['runtime:host-kernel'],
  }, async ({ observe, expect }) => {
    const observation = await observe('new-privileges-unset', withoutValue('process.noNewPrivileges'))
    expect(observation.statusField('NoNewPrivs')).toBe('0')
  })

  test('a program that is barred from gaining privileges gains none from a set-user-id program', {
    covers: ['process-nonewprivileges-optional'],
    needs: ['runtime:host-kernel', 'other-ids'],
  }, async ({ bundles, runtime, control, temporaryDirectory, expect }) => {
    const database = join(await temporaryDirectory(), 'passwd')
    await writeFile(database, openDatabase, { mode: 0o644 })
    const bundle = (barred: boolean) =>
      bundles.busybox(
        barred ? 'barred' : 'not-barred',
        shell(gainPrivileges),
        combine(
          addBindMount(database, '/etc/passwd', 'ro'),
          addTmpfs('/mnt', 'exec', 'suid', 'mode=755'),
          withCapabilities(['CAP_CHOWN', 'CAP_FOWNER', 'CAP_FSETID', 'CAP_SETGID', 'CAP_SETUID']),
          withNoNewPrivileges(barred),
        ),
      )
    await control('the set-user-id program makes root of who is not barred', async () => {
      expect(await runtime.run(await bundle(false))).toHavePrinted('trying\n0\n')
    })
    const result = await runtime.run(await bundle(true))
    expect(result).toHavePrinted('trying\n')
    expect(result).toHaveExited(1)
  })

  const scores: readonly (readonly [score: number, needs: readonly Need[]])[] = [
    [321, []],
    [1000, []],
    [-321, ['proc-oom-lower']],
  ]
  for (const [score, needs] of scores) {
    test(`the program has the configured out-of-memory score adjustment ${score < 0 ? 'minus ' : ''}${Math.abs(score)}`, {
      covers: ['process-oomscoreadj-set'],
      needs: ['proc-oom', ...needs],
    }, async ({ observe, expect }) => {
      expect((await observe(`score-${score}`, withOomScoreAdj(score))).oomScoreAdjustment).toBe(score)
    })
  }

  /** Whoever raises the score may lower it again to what it was before: see proc_pid_oom_score_adj(5). */
  const raisedScore = after('echo 432 > /proc/self/oom_score_adj')

  async function controlRaisedScore({ control, expect }: TestContext): Promise<void> {
    await control('the caller has a score adjustment of its own', async () => {
      expect(await printedThrough(raisedScore, 'cat /proc/self/oom_score_adj')).toBe('432')
    })
  }

  test('a configured out-of-memory score adjustment of 0 is set where that of the caller is another', {
    covers: ['process-oomscoreadj-set'],
    needs: ['proc-oom'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    await controlRaisedScore(context)
    const bundle = await bundles.busybox('score-of-0', reporting, withOomScoreAdj(0))
    const observation = await observeRun(runtime.called({ through: raisedScore }), bundle)
    expect(observation.oomScoreAdjustment).toBe(0)
  })

  test('without a configured out-of-memory score adjustment that of the caller stays', {
    covers: ['process-oomscoreadj-unset-unchanged', 'process-oomscoreadj-optional'],
    needs: ['proc-oom'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    await controlRaisedScore(context)
    const bundle = await bundles.busybox('no-score', reporting, withoutValue('process.oomScoreAdj'))
    const observation = await observeRun(runtime.called({ through: raisedScore }), bundle)
    expect(observation.oomScoreAdjustment).toBe(432)
  })

  test('an executed process has the environment of its process file and no other', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const container = await running(context)
    const observed = (await observeExecuted(container, { env: environment })).environment
    context.expect([...observed].sort()).toEqual([...environment].sort())
  })

  test('the arguments of a process file reach the program unchanged', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const args = [...shell(printArguments), ...words]
    const byFile = await (await running(context)).exec({ args, cwd: '/', env: ['PATH=/bin'] })
    expect(byFile.stdout.split('\0').slice(0, -1)).toEqual(args)
  })

  const executed: Readonly<
    Record<
      string,
      Readonly<{
        needs?: readonly Need[]
        members: Partial<ProcessSpec>
        seen: (observation: InsideObservation) => unknown
        value: unknown
      }>
    >
  > = {
    'working directory': {
      members: { cwd: '/var/log' },
      seen: ({ workingDirectory }) => workingDirectory,
      value: '/var/log',
    },
    'bar to new privileges': {
      needs: ['runtime:host-kernel'],
      members: { noNewPrivileges: true },
      seen: (observation) => observation.statusField('NoNewPrivs'),
      value: '1',
    },
    'out-of-memory score adjustment': {
      needs: ['proc-oom'],
      members: { oomScoreAdj: 543 },
      seen: ({ oomScoreAdjustment }) => oomScoreAdjustment,
      value: 543,
    },
  }
  for (const [what, { needs = [], members, seen, value }] of Object.entries(executed)) {
    test(`an executed process has the ${what} of its process file`, {
      covers: [],
      needs: ['runtime:exec', ...needs],
    }, async ({ bundles, runtime, expect }) => {
      const container = await runtime.create(
        await bundles.busybox('free', sleeping, withNoNewPrivileges(false)),
      )
      await container.start()
      expect(seen(await observeExecuted(container, members))).toEqual(value)
    })
  }

  test('a process file with a relative working directory is refused', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { control, expect } = context
    const container = await running(context)
    const processIn = (cwd: string) => container.exec({ args: ['pwd'], cwd, env: ['PATH=/bin'] })
    await control('a process file with an absolute one is accepted', async () => {
      expect(await processIn('/tmp')).toHavePrinted('/tmp\n')
    })
    await expect(processIn('tmp')).toBeRefused()
  })
})
