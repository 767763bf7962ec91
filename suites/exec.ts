import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../harness/host/index.ts'
import { observeProcess } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import { withEnv } from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { endOf, patienceMs, untilEnded } from './containers.ts'
import { shell, sleeping, top } from './programs.ts'

/** A running container for processes to be executed in. */
async function running(
  { bundles, runtime }: TestContext,
  args: readonly string[] = sleeping,
): Promise<Container> {
  const container = await runtime.create(await bundles.busybox(args === top ? 'top' : 'sleeping', args))
  await container.start()
  return container
}

export const exec = suite('exec', ({ test }) => {
  test('a process executed in a running container prints', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('echo Ay Caramba!'))
    expect(result).toHavePrinted('Ay Caramba!\n')
    expect(result).toHaveExited(0)
    await expect(container).toBeRunning()
  })

  for (const code of [0, 1, 7, 255]) {
    test(`a process executed in a container that ends with ${code} is seen to end with it`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { expect } = context
      const container = await running(context)
      const attached = await container.exec(shell(`echo ending; exit ${code}`))
      expect(attached).toHavePrinted('ending\n')
      expect(attached).toHaveExited(code)
      // It waits for a line, so that it is known before it ends.
      const detached = await container.spawn(shell(`read line; echo ending; exit ${code}`), { stdin: 'pipe' })
      detached.streams.stdin?.end('\n')
      const end = await untilEnded(detached)
      expect(end).toHavePrinted('ending\n')
      expect(end).toHaveExited(code)
    })
  }

  test('an executed process has the environment, working directory and user it was given', {
    covers: [],
    needs: ['runtime:exec', 'other-ids'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec({
      args: ['sh', '-c', 'echo "$COLOUR|$(pwd)|$(id -u):$(id -g)"'],
      env: ['PATH=/bin', 'COLOUR=green'],
      cwd: '/tmp',
      user: { uid: 1000, gid: 1001 },
    })
    expect(result).toHavePrinted('green|/tmp|1000:1001\n')
  })

  test('an executed process that is killed ends with 137 and leaves the container running', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context, top)
    const process = await container.spawn(sleeping)
    process.signal('SIGKILL')
    expect(await untilEnded(process)).toHaveExited(137)
    await expect(container).toBeRunning()
  })

  test('when the first process of a container is ended, an executed one ends with it', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context, top)
    await until(async () => (await container.init.stdout()) !== '' || undefined, {
      timeoutMs: patienceMs,
      what: 'top to draw its first page',
    })
    const process = await container.spawn(top)
    await container.kill('SIGTERM')
    expect(await untilEnded(container)).toHaveExited(143)
    expect(await untilEnded(process)).toHaveExited(137)
  })

  test('an executed process can leave a detached child behind that goes on in the container', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('sleep 900 </dev/null >/dev/null 2>&1 & echo $!'))
    expect(result).toHaveExited(0)
    const inside = await container.exec(['cat', `/proc/${result.stdout.trim()}/cmdline`])
    expect(inside).toHavePrinted('sleep\u0000900\u0000')
  })

  test('the end of an executed process is seen although its child holds on to the output', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const process = await container.spawn(shell('read line; sleep 900 & echo gone'), { stdin: 'pipe' })
    process.streams.stdin?.end('\n')
    const end = await untilEnded(process)
    expect(end).toHaveExited(0)
    expect(end).toHavePrinted('gone\n')
    await expect(container).toBeRunning()
  })

  test('no zombie is left on the host of the jobs an executed shell has spawned', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('for n in 1 2 3; do sleep 0.01 & done; exit 3'))
    expect(result).toHaveExited(3)
    await endOf(container)
    await container.delete()
    expect(container.init.isAlive()).toBe(false)
  })

  const refusedIn: Readonly<Record<string, (container: Container) => Promise<unknown>>> = {
    stopped: endOf,
    deleted: async (container) => {
      await endOf(container)
      await container.delete()
    },
  }
  for (const [status, bring] of Object.entries(refusedIn)) {
    test(`exec in a ${status} container is refused`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { runtime, control, expect } = context
      const container = await running(context)
      await control('exec works while the container runs', async () => {
        expect(await container.exec(['echo', 'here'])).toHavePrinted('here\n')
      })
      await bring(container)
      await expect(runtime.command(['exec', container.id, 'echo', 'here'])).toBeRefused()
    })
  }

  test('exec of a program that does not exist is refused and leaves the container running', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { control, expect } = context
    const container = await running(context)
    await control('a program that exists is executed', () => container.spawn(['true']))
    await expect(container.spawn(['NoSuchProgram'])).toBeRefused()
    await expect(container).toBeRunning()
  })

  for (const program of ['/etc', '/etc/passwd']) {
    test(`exec of ${program}, which cannot be run, is refused and leaves the container running`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { control, expect } = context
      const container = await running(context)
      await control('a program that can be run is executed', () => container.spawn(['true']))
      await expect(container.spawn([program])).toBeRefused()
      await expect(container).toBeRunning()
    })
  }

  test('a process executed by words alone has the environment of the configuration', {
    covers: [],
    needs: ['runtime:exec'],
  }, async ({ bundles, runtime, expect }) => {
    const edit = withEnv({ COLOUR: 'green' })
    const container = await runtime.create(await bundles.busybox('configured', sleeping, edit))
    await container.start()
    expect(await container.exec(shell('echo "$COLOUR"'))).toHavePrinted('green\n')
  })

  const options: Readonly<
    Record<string, readonly [words: readonly string[], printed: string, needs: readonly Need[]]>
  > = {
    'an environment variable': [['--env', 'COLOUR=red'], 'red|/|0:0\n', []],
    'a working directory': [['--cwd', '/var/log'], '|/var/log|0:0\n', []],
    'a user and group': [['--user', '1000:1001'], '|/|1000:1001\n', ['other-ids']],
  }
  for (const [what, [words, printed, needs]] of Object.entries(options)) {
    test(`an executed process can be given ${what} by an option`, {
      covers: [],
      needs: ['runtime:exec', ...needs],
    }, async (context) => {
      const { expect } = context
      const container = await running(context)
      // By full names: whether a variable is added to the others or replaces them is the runtime's choice.
      const script = 'echo "$COLOUR|$(pwd)|$(/bin/busybox id -u):$(/bin/busybox id -g)"'
      expect(await container.exec(['/bin/sh', '-c', script], { arguments: words })).toHavePrinted(printed)
    })
  }

  for (const [signal, code] of [
    ['TERM', 143],
    ['KILL', 137],
    ['USR1', 138],
  ] as const) {
    test(`an executed process that SIG${signal} ends while exec waits for it is seen to end with ${code}`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { expect } = context
      const container = await running(context)
      const result = await container.exec(shell(`echo ending; kill -${signal} $$; sleep 900`))
      expect(result).toHavePrinted('ending\n')
      expect(result).toHaveExited(code)
    })
  }

  test('an executed process reads what exec is given, and its two outputs stay apart', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const result = await container.exec(shell('cat; echo to stderr >&2'), {
      stdin: 'pipe',
      started: ({ stdin }) => stdin?.end('from the harness\n'),
    })
    expect(result).toHavePrinted('from the harness\n')
    expect(result.stderr).toBe('to stderr\n')
  })

  for (const namespace of ['mnt', 'pid', 'net', 'ipc', 'uts']) {
    test(`an executed process is in the ${namespace} namespace of its container`, {
      covers: [],
      needs: ['runtime:exec'],
    }, async (context) => {
      const { expect } = context
      const container = await running(context)
      const result = await container.exec(
        shell(`readlink /proc/1/ns/${namespace}; readlink /proc/$$/ns/${namespace}; true`),
      )
      expect(result.stdout).toMatch(/^(\w+:\[\d+\])\n\1\n$/)
      expect(result.stdout).not.toContain(observeProcess(process.pid).namespaces.get(namespace))
    })
  }

  test('an executed process is in the cgroups of its container', {
    covers: [],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const own = await container.exec(shell('cat /proc/$$/cgroup; true'))
    expect(own.stdout).toContain(':/')
    expect(await container.exec(['cat', '/proc/1/cgroup'])).toHavePrinted(own.stdout)
  })

  test('the pid file of a process that is executed and left alone names it', {
    covers: [],
    needs: ['runtime:host-kernel', 'runtime:exec'],
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const { pid } = await container.spawn(['sleep', '901'])
    await until(() => pid !== undefined && observeProcess(pid).commandLine.join(' ') === 'sleep 901', {
      timeoutMs: patienceMs,
      what: `process ${pid} to be the executed one`,
    })
    expect(pid).not.toBe(container.init.pid)
  })

  test('ten processes can be executed at once', {
    covers: [],
    needs: ['runtime:exec'],
    timeoutMs: 60_000,
  }, async (context) => {
    const { expect } = context
    const container = await running(context)
    const numbers = Array.from({ length: 10 }, (_, number) => number)
    const results = await Promise.all(
      numbers.map((number) => container.exec(shell(`echo ${number}; exit ${number}`))),
    )
    expect(results.map(({ stdout }) => stdout)).toEqual(numbers.map((number) => `${number}\n`))
    expect(results.map(({ exitCode }) => exitCode)).toEqual(numbers)
  })

  /** What is written to two descriptors that a container inherits; files, which nobody has to wait for. */
  async function throughDescriptors(
    directory: string,
    use: (descriptors: readonly number[]) => Promise<void>,
  ): Promise<readonly string[]> {
    const paths = ['first', 'second'].map((name) => join(directory, name))
    const descriptors = paths.map((path) => openSync(path, 'w'))
    try {
      await use(descriptors)
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor)
    }
    return paths.map((path) => readFileSync(path, 'utf8'))
  }

  const writeToBoth = shell('echo three >&3; echo four >&4; ls /proc/$$/fd; true')
  const descriptors = '0\n1\n2\n3\n4\n'

  test('preserved descriptors arrive in an executed process, in order', {
    covers: [],
    needs: ['runtime:exec', 'runtime:preserve-descriptors'],
  }, async (context) => {
    const { temporaryDirectory, expect } = context
    const container = await running(context)
    const came = await throughDescriptors(await temporaryDirectory(), async (preserveDescriptors) => {
      expect(await container.exec(writeToBoth, { preserveDescriptors })).toHavePrinted(descriptors)
    })
    expect(came).toEqual(['three\n', 'four\n'])
  })

  test('preserved descriptors arrive in the program of a container that is run, in order', {
    covers: ['fds-may-pass-extra'],
    needs: ['runtime:preserve-descriptors'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const bundle = await bundles.busybox('writing-to-both', writeToBoth)
    const came = await throughDescriptors(await temporaryDirectory(), async (preserveDescriptors) => {
      expect(await runtime.run(bundle, { preserveDescriptors })).toHavePrinted(descriptors)
    })
    expect(came).toEqual(['three\n', 'four\n'])
  })

  test('preserved descriptors arrive in the program of a container that is created and started', {
    covers: ['fds-may-pass-extra'],
    needs: ['runtime:preserve-descriptors'],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const bundle = await bundles.busybox('writing-to-both', writeToBoth)
    const came = await throughDescriptors(await temporaryDirectory(), async (preserveDescriptors) => {
      const container = await runtime.create(bundle, { preserveDescriptors })
      await container.start()
      expect(await untilEnded(container)).toHavePrinted(descriptors)
    })
    expect(came).toEqual(['three\n', 'four\n'])
  })
})
