import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  becomeSubreaper,
  ConsoleSocket,
  findProgram,
  identifyProcess,
  type ProcessIdentity,
  runTool,
  signalProcess,
  Terminal,
  waitForExit,
} from './index.ts'

const busybox = '/usr/bin/busybox'
const id = `runwright-host-${process.pid}`
let directory = ''

beforeAll(() => becomeSubreaper())

beforeEach(async (context) => {
  context.skip(process.geteuid?.() !== 0, 'needs root')
  context.skip(findProgram('runc') === undefined || !existsSync(busybox), 'needs runc and a static busybox')
  directory = await mkdtemp(join(tmpdir(), 'runwright-host-'))
})

afterEach(async () => {
  if (directory === '') return
  try {
    await runc('delete', '--force', id)
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** Runs runc without pipes, which the container would keep open. */
async function runc(...args: readonly string[]): Promise<void> {
  const log = openSync(join(directory, 'log'), 'a')
  const child = spawn('runc', ['--root', join(directory, 'state'), ...args], { stdio: ['ignore', log, log] })
  closeSync(log)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`runc ${args[0]} failed: ${readFileSync(join(directory, 'log'), 'utf8')}`)
}

async function makeBundle(script: string, terminal: boolean): Promise<void> {
  mkdirSync(join(directory, 'rootfs', 'bin'), { recursive: true })
  copyFileSync(busybox, join(directory, 'rootfs', 'bin', 'busybox'))
  await runTool(['runc', 'spec', '--bundle', directory])
  const path = join(directory, 'config.json')
  const spec = JSON.parse(readFileSync(path, 'utf8'))
  Object.assign(spec.process, { terminal, args: ['/bin/busybox', 'sh', '-c', script] })
  writeFileSync(path, JSON.stringify(spec))
}

async function create(...options: readonly string[]): Promise<ProcessIdentity> {
  const pidFile = join(directory, 'pid')
  await runc('create', '--bundle', directory, '--pid-file', pidFile, ...options, id)
  const identity = identifyProcess(Number(readFileSync(pidFile, 'utf8')), { ended: true })
  if (identity === undefined) throw new Error('the container has no process')
  return identity
}

test("a created container's exit code arrives", async () => {
  await makeBundle('exit 42', false)
  const init = await create()
  const exit = waitForExit(init)
  await runc('start', id)
  expect(await exit).toEqual({ kind: 'exited', code: 42 })
})

test('so does the signal that killed it', async () => {
  await makeBundle('sleep 60', false)
  const init = await create()
  await runc('start', id)
  expect(signalProcess(init, 'KILL')).toBe('sent')
  expect(await waitForExit(init)).toEqual({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false })
  expect(signalProcess(init, 'KILL')).toBe('gone')
})

test('its terminal arrives, takes a size and input, and ends with it', async () => {
  await makeBundle('read -r name; echo "hello $name"; /bin/busybox stty size; exit 7', true)
  using socket = ConsoleSocket.listen(join(directory, 'console'))
  const [init, descriptor] = await Promise.all([
    create('--console-socket', socket.path),
    socket.receive({ timeoutMs: 20_000 }),
  ])
  using terminal = new Terminal(descriptor)
  terminal.resize(91, 33)
  const printed = text(terminal.output)
  await runc('start', id)
  terminal.input.write('terminal\n')
  expect(await printed).toBe('terminal\r\nhello terminal\r\n33 91\r\n')
  expect(await waitForExit(init)).toEqual({ kind: 'exited', code: 7 })
})
