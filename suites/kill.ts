import { spawn } from 'node:child_process'
import { until } from '../harness/host/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, patienceMs, startAndEnd, untilEnded, untilPrinted } from './containers.ts'
import { reportingSignals, shell, sleeping, top } from './programs.ts'

/** Ways to name a signal on the command line, with the signal that has to arrive. */
const signalNames: Readonly<Record<string, string>> = {
  SIGTERM: 'TERM',
  INT: 'INT',
  SIGHUP: 'HUP',
  USR1: 'USR1',
  SIGUSR2: 'USR2',
  '15': 'TERM',
  '10': 'USR1',
}

export const kill = suite('kill', ({ test }) => {
  for (const [given, delivered] of Object.entries(signalNames)) {
    test(`kill with ${given} delivers ${delivered} and no other signal`, {
      covers: ['kill-sends-signal'],
    }, async ({ bundles, runtime, expect }) => {
      const container = await runtime.create(
        await bundles.busybox(
          `reporting-${delivered.toLowerCase()}`,
          reportingSignals(['TERM', 'INT', 'HUP', 'USR1', 'USR2'], delivered),
        ),
      )
      await container.start()
      await untilPrinted(container.init, 'ready\n')
      expect((await runtime.command(['kill', container.id, given])).exitCode).toBe(0)
      const end = await untilEnded(container)
      expect(end).toHavePrinted(`ready\n${delivered}\n`)
      expect(end).toHaveExited(0)
    })
  }

  test('kill with KILL ends a running container at once', {
    covers: ['kill-sends-signal', 'lifecycle-process-exit-causes'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await expect(container).toBeRunning()
    const end = await endOf(container)
    expect(end).toHaveBeenKilledBy('SIGKILL')
    expect(end).toHaveExited(137)
    await expect(container).toHaveStatus('stopped')
  })

  test('kill with TERM ends a program that dies of it with 143', { covers: ['kill-sends-signal'] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('top', top))
    await container.start()
    await until(async () => (await container.init.stdout()) !== '' || undefined, {
      timeoutMs: patienceMs,
      what: 'top to draw its first page',
    })
    await container.kill('SIGTERM')
    expect(await untilEnded(container)).toHaveExited(143)
  })

  test('a program that traps the signal ends in its own way', {
    covers: ['kill-sends-signal', 'lifecycle-process-exit-causes'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('trapping', shell("trap 'echo booh!; exit 3' USR1; echo ready; sleep 60 & wait")),
    )
    await container.start()
    await untilPrinted(container.init, 'ready\n')
    await container.kill('SIGUSR1')
    const end = await untilEnded(container)
    expect(end).toHavePrinted('ready\nbooh!\n')
    expect(end).toHaveExited(3)
  })

  test('kill ends a container that was created and never started', { covers: ['kill-sends-signal'] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('announcing', ['echo', 'ran']))
    await expect(container).toHaveStatus('created')
    const end = await endOf(container)
    expect(end).toHaveBeenKilledBy('SIGKILL')
    expect(end).toHavePrinted('')
    await expect(container).toHaveStatus('stopped')
  })

  test('kill without a container id is refused', { covers: ['kill-without-id-errors'] }, async ({
    bundles,
    runtime,
    control,
    expect,
  }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('the same call with an id is accepted', () => container.kill('SIGKILL'))
    await expect(runtime.command(['kill'])).toBeRefused()
  })

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    test(`kill with ${signal} of a container that does not exist is refused`, {
      covers: ['kill-not-alive-errors'],
    }, async ({ bundles, runtime, control, id, expect }) => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await container.start()
      await control('a container that exists is signalled', () => container.kill(signal))
      await expect(runtime.kill(id('unknown'), signal)).toBeRefused()
    })

    test(`kill with ${signal} of a stopped container is refused and changes nothing`, {
      covers: ['kill-not-alive-errors', 'kill-not-alive-no-effect'],
    }, async ({ bundles, runtime, control, expect }) => {
      const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
      await control('the container is signalled while it is alive', () => startAndEnd(container))
      await expect(container).toHaveStatus('stopped')
      const before = await container.state()
      const bystander = spawn('sleep', ['1000'], { stdio: 'ignore' })
      try {
        await expect(container.kill(signal)).toBeRefused()
        expect(await container.state()).toEqual(before)
        expect(bystander.exitCode ?? bystander.signalCode, 'the end of another process').toBeNull()
      } finally {
        bystander.kill('SIGKILL')
      }
    })
  }

  test('kill with a signal that does not exist is refused and the container lives on', {
    covers: ['kill-sends-signal'],
  }, async ({ bundles, runtime, control, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
    await container.start()
    await control('a signal that exists is accepted', () => container.kill('SIGCONT'))
    await expect(runtime.command(['kill', container.id, 'NOSUCHSIGNAL'])).toBeRefused()
    await expect(container).toBeRunning()
  })
})
