import type { Readable } from 'node:stream'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../host/index.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import type { Runtime } from './runtime.ts'

/** Takes in what a terminal prints. */
function transcriptOf(output: Readable): { text: string } {
  const transcript = { text: '' }
  output.on('data', (chunk: Buffer) => {
    transcript.text += chunk.toString()
  })
  return transcript
}

describe.each(await installedRuntimes())('terminals from $name', (resolved) => {
  let workshop: Workshop
  let runtime: Runtime

  beforeEach((context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    return async () => expect(await workshop.close()).toEqual([])
  })

  function terminalBundle(args: readonly string[]) {
    return workshop.bundle(args, ({ process }) => {
      if (process === undefined) return
      process.terminal = true
      process.consoleSize = { height: 33, width: 91 }
    })
  }

  test('a container gets one that can be talked to', async () => {
    await using container = await runtime.create(
      terminalBundle(shell('stty size; read line; echo "got $line"; exit 5')),
    )
    const { console } = container.init
    if (console === undefined) throw new Error('a terminal was asked for')
    const transcript = transcriptOf(console.output)
    await container.start()
    await until(() => transcript.text.includes('33 91'), {
      timeoutMs: 10_000,
      what: 'the size to be printed',
    })
    console.input.write('words\n')
    await until(() => transcript.text.includes('got words'), { timeoutMs: 10_000, what: 'the answer' })
    expect((await container.wait()).exitCode).toBe(5)
    await until(() => console.output.readableEnded, { timeoutMs: 5_000, what: 'the end of the terminal' })
  })

  test('its size can be changed', async () => {
    await using container = await runtime.runDetached(terminalBundle(shell('read line; stty size')))
    const { console } = container.init
    if (console === undefined) throw new Error('a terminal was asked for')
    const transcript = transcriptOf(console.output)
    console.resize(120, 40)
    console.input.write('\n')
    await until(() => transcript.text.includes('40 120'), {
      timeoutMs: 10_000,
      what: 'the size to be printed',
    })
    await container.wait()
  })

  test('an executed process gets one, by its process file or by option', async () => {
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    const byFile = await container.spawn({
      args: ['tty'],
      cwd: '/',
      env: ['PATH=/bin'],
      terminal: true,
      user: { uid: 0, gid: 0 },
    })
    const byOption = await container.spawn(['tty'], { console: true })
    for (const process of [byFile, byOption]) {
      if (process.console === undefined) throw new Error('a terminal was asked for')
      const transcript = transcriptOf(process.console.output)
      expect((await process.wait()).exitCode).toBe(0)
      await until(() => transcript.text.includes('/dev/pts/'), {
        timeoutMs: 5_000,
        what: 'the terminal to be named',
      })
      process.console.close()
    }
  })

  test('a container without terminal that is said to have one is refused and not left behind', async () => {
    const creation = runtime.create(workshop.bundle(sleeping), { console: true })
    await expect(creation).rejects.toMatchObject({ code: expect.stringMatching(/^RUNTIME_(EXITED|OUTPUT)$/) })
    expect(await runtime.list()).toEqual([])
  })
})
