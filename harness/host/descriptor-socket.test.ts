import { existsSync, readFileSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectTo, makePseudoTerminal, sendDescriptors } from './descriptors.fixture.ts'
import {
  ConsoleSocket,
  closeDescriptor,
  createPipe,
  DeadlineError,
  DescriptorSocket,
  DescriptorSocketError,
} from './index.ts'
import { openDescriptors } from './processes.fixture.ts'

const timeoutMs = 5000
let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-socket-'))
  path = join(directory, 'socket')
})

afterEach(() => rm(directory, { recursive: true }))

/** Connects once `receive` waits, does something and hangs up. */
async function peer(act: (connection: number) => void): Promise<void> {
  await delay(10)
  const connection = connectTo(path)
  act(connection)
  closeDescriptor(connection)
}

test('receives a descriptor that works, with the bytes beside it', async () => {
  using socket = DescriptorSocket.listen(path)
  const { readable, writable } = createPipe()
  const sent = peer((connection) => sendDescriptors(connection, [writable], '{"id":"a"}'))
  const { descriptors, payload } = await socket.receive({ timeoutMs })
  await sent
  expect(Buffer.from(payload).toString()).toBe('{"id":"a"}')
  const [received = -1] = descriptors
  expect(descriptors).toHaveLength(1)
  expect(received).not.toBe(writable)
  expect(readFileSync(`/proc/self/fdinfo/${received}`, 'utf8')).toMatch(/^flags:\s+02\d{6}$/m) // O_CLOEXEC
  writeSync(received, 'through')
  for (const descriptor of [received, writable]) closeDescriptor(descriptor)
  expect(readFileSync(readable, 'utf8')).toBe('through')
  closeDescriptor(readable)
})

test('receives from one peer after the other, also from one that came early', async () => {
  using socket = DescriptorSocket.listen(path)
  await peer((connection) => sendDescriptors(connection, [0, 1], 'first'))
  await peer((connection) => sendDescriptors(connection, [2], 'second'))
  const first = await socket.receive({ timeoutMs })
  const second = await socket.receive({ timeoutMs })
  expect([first.descriptors.length, second.descriptors.length]).toEqual([2, 1])
  for (const descriptor of [...first.descriptors, ...second.descriptors]) closeDescriptor(descriptor)
})

test('receives everything up to the end of a connection', async () => {
  using socket = DescriptorSocket.listen(path)
  const received = socket.receiveToEnd({ timeoutMs })
  await peer((connection) => {
    sendDescriptors(connection, [0, 1], '{"a"')
    sendDescriptors(connection, [], ':1}')
  })
  const messages = await received
  expect(messages.map(({ payload }) => Buffer.from(payload).toString()).join('')).toBe('{"a":1}')
  expect(messages.map(({ descriptors }) => descriptors.length)[0]).toBe(2)
  for (const descriptor of messages.flatMap(({ descriptors }) => descriptors)) closeDescriptor(descriptor)
})

test('a connection that is not closed has no end, and what came over it does not stay open', async () => {
  const before = openDescriptors()
  const socket = DescriptorSocket.listen(path)
  const connection = connectTo(path)
  sendDescriptors(connection, [0], 'x')
  await expect(socket.receiveToEnd({ timeoutMs: 50 })).rejects.toThrow(DeadlineError)
  closeDescriptor(connection)
  socket.close()
  expect(openDescriptors()).toBe(before)
})

test.each([
  ['nothing', () => undefined, 'closed the connection without sending a descriptor'],
  ['bytes only', (connection: number) => sendDescriptors(connection, [], 'hello'), 'sent 5 bytes without'],
  [
    'too many descriptors',
    (connection: number) => sendDescriptors(connection, Array(20).fill(0), 'x'),
    'more than 16 descriptors',
  ],
])('a peer that sends %s is an error, and nothing stays open', async (_, act, message) => {
  const before = openDescriptors()
  const socket = DescriptorSocket.listen(path)
  const received = socket.receive({ timeoutMs })
  await Promise.all([peer(act), expect(received).rejects.toThrow(message)])
  await expect(received).rejects.toThrow(DescriptorSocketError)
  socket.close()
  expect(openDescriptors()).toBe(before)
})

test('waits no longer than told, for a peer or for what it sends', async () => {
  using socket = DescriptorSocket.listen(path)
  await expect(socket.receive({ timeoutMs: 20 })).rejects.toThrow(DeadlineError)
  const connection = connectTo(path)
  await expect(socket.receive({ timeoutMs: 20 })).rejects.toThrow(
    `waited 20 ms in vain for a descriptor at ${path}`,
  )
  closeDescriptor(connection)
})

test('closing ends the wait, removes the socket and may be repeated', async () => {
  const before = openDescriptors()
  const socket = DescriptorSocket.listen(path)
  expect(existsSync(path)).toBe(true)
  const received = socket.receive({ timeoutMs })
  socket.close()
  socket.close()
  await expect(received).rejects.toThrow('was closed')
  expect(existsSync(path)).toBe(false)
  expect(openDescriptors()).toBe(before)
})

test('the abort signal ends the wait', async () => {
  using socket = DescriptorSocket.listen(path)
  const controller = new AbortController()
  const received = socket.receive({ timeoutMs, signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(received).rejects.toThrow('enough')
})

test('a path that is too long, taken or in no directory is refused', () => {
  const before = openDescriptors()
  const long = (length: number) => `${path}${'x'.repeat(length - path.length)}`
  expect(() => DescriptorSocket.listen(long(108))).toThrow(
    "is 108 bytes long and a socket's path can have 107",
  )
  expect(() => DescriptorSocket.listen(join(directory, 'no', 'such'))).toThrow('bind failed with ENOENT')
  const socket = DescriptorSocket.listen(long(107))
  expect(() => DescriptorSocket.listen(long(107))).toThrow('bind failed with EADDRINUSE')
  socket.close()
  expect(openDescriptors()).toBe(before)
})

test('a console socket takes one terminal', async () => {
  using socket = ConsoleSocket.listen(path)
  const { master } = makePseudoTerminal()
  const sent = peer((connection) => sendDescriptors(connection, [master], '/dev/ptmx'))
  const received = await socket.receive({ timeoutMs })
  await sent
  for (const descriptor of [received, master]) closeDescriptor(descriptor)
})

test('a console socket takes nothing else', async () => {
  const before = openDescriptors()
  const socket = ConsoleSocket.listen(path)
  const { readable, writable } = createPipe()
  const { master } = makePseudoTerminal()
  for (const [descriptors, message] of [
    [[readable], 'something that is not a terminal'],
    [[master, master], '2 descriptors'],
  ] as const) {
    await peer((connection) => sendDescriptors(connection, descriptors, 'x'))
    await expect(socket.receive({ timeoutMs })).rejects.toThrow(message)
  }
  for (const descriptor of [readable, writable, master]) closeDescriptor(descriptor)
  socket.close()
  expect(openDescriptors()).toBe(before)
})
