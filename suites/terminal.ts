import { type Terminal, until } from '../harness/host/index.ts'
import type { Container, ContainerProcess } from '../harness/runtime/index.ts'
import { combine, type Edit, withoutValue, withTerminal, withUser, withValue } from '../harness/spec/index.ts'
import { type Need, NothingObservedError, suite, type TestContext } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { patienceMs, untilEnded } from './containers.ts'
import { shell, sleeping } from './programs.ts'

const consoleNeeds: readonly Need[] = ['runtime:console']

/** A size that is nobody's default, with height and width unlike each other. */
const size = { height: 33, width: 77 }

/** What a process says of its standard streams: for each whether it is a terminal, and of which device. */
const streamReport = shell(
  'for fd in 0 1 2; do test -t $fd && echo "terminal $(stat -L -c %t:%T /proc/$$/fd/$fd)" || echo "none"; done; echo end',
)

/** Our side of a process's terminal, and all that has come from it. */
class Session {
  readonly terminal: Terminal
  #text = ''

  constructor({ console, pid }: ContainerProcess) {
    if (console === undefined) throw new NothingObservedError(`process ${pid} has no terminal to look at`)
    this.terminal = console
    console.output.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString()
    })
  }

  /** Waits for text that matches, and gives the match. A terminal ends its lines by \r\n; here they end by \n. */
  async match(pattern: RegExp): Promise<RegExpExecArray> {
    return await until(() => pattern.exec(this.#text.replaceAll('\r', '')) ?? undefined, {
      timeoutMs: patienceMs,
      what: `the terminal to show ${pattern}`,
    })
  }

  /** Types a line. */
  type(line: string): void {
    this.terminal.input.write(`${line}\n`)
  }
}

/** Creates and starts a container with a terminal, watched from before its program runs. */
async function withSession(
  { bundles, runtime }: TestContext,
  name: string,
  args: readonly string[],
  edit: Edit = withTerminal(),
): Promise<{ readonly container: Container; readonly session: Session }> {
  const container = await runtime.create(await bundles.busybox(name, args, edit))
  const session = new Session(container.init)
  await container.start()
  return { container, session }
}

async function running({ bundles, runtime }: TestContext): Promise<Container> {
  const container = await runtime.create(await bundles.busybox('sleeping', sleeping))
  await container.start()
  return container
}

export const terminal = suite('terminal', ({ test }) => {
  for (const [description, edit] of Object.entries({
    'that is not mentioned': withoutValue('process.terminal'),
    'that is set to false': withTerminal(false),
  })) {
    test(`without a terminal, one ${description}, no standard stream is one`, {
      covers: ['process-terminal-optional'],
    }, async ({ bundles, runtime, expect }) => {
      const name = description.replaceAll(' ', '-')
      const result = await runtime.run(await bundles.busybox(name, streamReport, edit))
      expect(result).toHavePrinted('none\nnone\nnone\nend\n')
    })
  }

  test('with a terminal all three standard streams are the same one', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: consoleNeeds,
  }, async (context) => {
    const { session } = await withSession(context, 'streams', streamReport)
    const [text] = await session.match(/^(?:.*\n)*end\n/)
    context.expect(text).toMatch(/^terminal (\S+)\nterminal \1\nterminal \1\nend\n$/)
  })

  test('the terminal is a pseudo-terminal of the container', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: consoleNeeds,
  }, async (context) => {
    const { session } = await withSession(context, 'name', shell('tty; ls /dev/pts; echo end'))
    const [, name = '', entries = ''] = await session.match(/^(\/dev\/\S+)\n((?:.*\n)*)end\n/)
    context.expect(name).toMatch(/^\/dev\/(pts\/\d+|console)$/)
    context.expect(entries.split(/\s+/)).toContain('0')
  })

  test('the program writes to the terminal and reads what is typed there', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'stty -echo; echo ready; read line; echo "heard $line"; echo done >&2; exit 7'
    const { container, session } = await withSession(context, 'conversation', shell(script))
    await session.match(/^ready\n/)
    session.type('good morning')
    await session.match(/heard good morning\ndone\n/)
    context.expect(await untilEnded(container)).toHaveExited(7)
  })

  test('the terminal is the controlling one of the program', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: [...consoleNeeds, 'usable-devices'],
  }, async (context) => {
    const script = 'echo "by way of tty" > /dev/tty && echo end'
    const { session } = await withSession(context, 'controlling', shell(script))
    await session.match(/^by way of tty\nend\n/)
  })

  test('the interrupt character interrupts the program', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'trap "echo interrupted; exit 9" INT; echo ready; while :; do sleep 1000 & wait $!; done'
    const { container, session } = await withSession(context, 'interrupt', shell(script))
    await session.match(/^ready\n/)
    session.terminal.input.write('\x03')
    await session.match(/interrupted\n/)
    context.expect(await untilEnded(container)).toHaveExited(9)
  })

  test('a program of another user than root has a terminal, too', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: [...consoleNeeds, 'other-ids'],
  }, async (context) => {
    const script = 'id -u; test -t 0 && test -t 1 && echo both > /dev/tty; echo end'
    const edit = combine(withTerminal(), withUser({ uid: 1000, gid: 1000 }))
    const { session } = await withSession(context, 'user', shell(script), edit)
    await session.match(/^1000\nboth\nend\n/)
  })

  test('each container has a terminal of its own', {
    covers: ['process-terminal-true-allocates-pty'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = shell('stty -echo; echo ready; read line; echo "heard $line"')
    const sessions = [
      await withSession(context, 'conversation-of-one', script),
      await withSession(context, 'conversation-of-another', script),
    ]
    for (const { session } of sessions) await session.match(/^ready\n/)
    for (const [number, { session }] of sessions.entries()) session.type(`word ${number}`)
    for (const [number, { session }] of sessions.entries())
      await session.match(new RegExp(`^ready\nheard word ${number}\n$`))
  })

  test('the terminal has the configured size when the program starts', {
    covers: ['process-consolesize-applied'],
    needs: consoleNeeds,
  }, async (context) => {
    const { session } = await withSession(context, 'size', shell('stty size'), withTerminal(size))
    await session.match(/^33 77\n/)
  })

  test('a configuration without a console size has a terminal all the same', {
    covers: ['process-consolesize-optional'],
    needs: consoleNeeds,
  }, async (context) => {
    const { session } = await withSession(context, 'no-size', shell('test -t 0 && echo end'))
    await session.match(/^end\n/)
  })

  test('a change of the size of the terminal reaches the program', {
    covers: [],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 1000 & wait $!; done'
    const { session } = await withSession(context, 'resize', shell(script), withTerminal(size))
    await session.match(/^ready\n/)
    session.terminal.resize(99, 44)
    await session.match(/44 99\n/)
  })

  for (const [description, edit] of Object.entries({
    false: withTerminal(false),
    'not mentioned': withoutValue('process.terminal'),
  })) {
    test(`a console size means nothing where the terminal is ${description}`, {
      covers: ['process-consolesize-ignored-without-terminal'],
    }, async ({ bundles, runtime, expect }) => {
      const filter = combine(edit, withValue('process.consoleSize', size))
      const name = `size-of-nothing-${description.replace(' ', '-')}`
      const result = await runtime.run(await bundles.busybox(name, streamReport, filter))
      expect(result).toHavePrinted('none\nnone\nnone\nend\n')
    })
  }

  for (const member of ['height', 'width'] as const) {
    test(`a console size without a ${member} is refused`, {
      covers: [`process-consolesize-${member}-required`],
      needs: consoleNeeds,
    }, async (context) => {
      const fault = withoutValue(`process.consoleSize.${member}`)
      await expectFaultRefused(context, `no ${member}`, fault, withTerminal(size))
    })
  }

  test('with a terminal /dev/console is the same device', {
    covers: ['default-device-console'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'stat -L -c "%F %t:%T" /dev/console /proc/$$/fd/0; echo end'
    const { session } = await withSession(context, 'console', shell(script))
    const [text] = await session.match(/^(?:.*\n)*end\n/)
    context.expect(text).toMatch(/^(character special file \S+)\n\1\nend\n$/)
  })

  test('with a terminal /dev/console is mounted from it', {
    covers: ['default-device-console'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'grep " /dev/console " /proc/$$/mountinfo; echo end'
    const { session } = await withSession(context, 'console-mount', shell(script))
    const [text] = await session.match(/^(?:.*\n)*end\n/)
    context.expect(text).toMatch(/ - devpts /)
  })

  test('what is written to /dev/console comes out of the terminal', {
    covers: ['default-device-console'],
    needs: consoleNeeds,
  }, async (context) => {
    const script = 'echo "by way of console" > /dev/console && echo end'
    const { session } = await withSession(context, 'to-console', shell(script))
    await session.match(/^by way of console\nend\n/)
  })

  for (const [way, options] of Object.entries({ 'its process file': 'file', 'an option': 'option' })) {
    test(`an executed process gets a terminal by ${way}`, {
      covers: [],
      needs: [...consoleNeeds, 'runtime:exec'],
    }, async (context) => {
      const container = await running(context)
      const process =
        options === 'file'
          ? await container.spawn({ args: streamReport, cwd: '/', env: ['PATH=/bin'], terminal: true })
          : await container.spawn(streamReport, { console: true })
      const [text] = await new Session(process).match(/^(?:.*\n)*end\n/)
      context.expect(text).toMatch(/^terminal (\S+)\nterminal \1\nterminal \1\nend\n$/)
    })
  }

  test('an executed process has its terminal as the controlling one', {
    covers: [],
    needs: [...consoleNeeds, 'runtime:exec', 'usable-devices'],
  }, async (context) => {
    const container = await running(context)
    const process = await container.spawn(shell('echo "by way of tty" > /dev/tty; echo end'), {
      console: true,
    })
    await new Session(process).match(/^by way of tty\nend\n/)
  })

  test('the terminal of an executed process has the size of its process file', {
    covers: [],
    needs: [...consoleNeeds, 'runtime:exec'],
  }, async (context) => {
    const container = await running(context)
    // Ten times: a runtime whose processes race with their terminal's size gives it to some of them.
    for (let count = 0; count < 10; count += 1) {
      const process = await container.spawn({
        args: shell('stty size'),
        cwd: '/',
        env: ['PATH=/bin'],
        terminal: true,
        consoleSize: size,
      })
      await new Session(process).match(/^33 77\n/)
    }
  })

  test('an executed process without a terminal has none, also in a container with one', {
    covers: [],
    needs: [...consoleNeeds, 'runtime:exec'],
  }, async (context) => {
    const { container } = await withSession(context, 'sleeping-with-terminal', sleeping)
    const result = await container.exec({ args: streamReport, cwd: '/', env: ['PATH=/bin'] })
    context.expect(result).toHavePrinted('none\nnone\nnone\nend\n')
  })
})
