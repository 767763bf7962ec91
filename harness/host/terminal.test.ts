import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makePseudoTerminal } from './descriptors.fixture.ts'
import { Terminal, TerminalClosedError } from './index.ts'
import { openDescriptors } from './processes.fixture.ts'

let before: number
let terminal: Terminal
let program: number

beforeEach(() => {
  before = openDescriptors()
  const { master, path } = makePseudoTerminal()
  program = openSync(path, constants.O_RDWR | constants.O_NOCTTY)
  terminal = new Terminal(master)
})

afterEach(() => {
  terminal.close()
  expect(openDescriptors()).toBe(before)
})

test('gives what programs print until the last one has closed it', async () => {
  const printed = text(terminal.output)
  writeSync(program, 'one\n')
  writeSync(program, 'two')
  closeSync(program)
  expect(await printed).toBe('one\r\ntwo')
  expect(() => terminal.resize(80, 24)).toThrow(TerminalClosedError)
})

test('passes on what is typed', async () => {
  terminal.input.write('hello\n')
  const line = Buffer.alloc(100)
  expect(readSync(program, line)).toBe(6)
  expect(line.toString('utf8', 0, 6)).toBe('hello\n')
  closeSync(program)
})

test('has the size it is given', () => {
  expect(terminal.size).toEqual({ columns: 0, rows: 0 })
  terminal.resize(91, 33)
  expect(terminal.size).toEqual({ columns: 91, rows: 33 })
  closeSync(program)
})

test('typing more than a program reads blocks nothing, and arrives in the end', async () => {
  const slow = spawn('sh', ['-c', 'read -r first; sleep 0.3; exec wc -c'], {
    stdio: [program, 'pipe', 'inherit'],
  })
  closeSync(program)
  const counted = text(slow.stdout ?? Readable.from([]))
  terminal.output.resume() // what is typed is echoed there
  const written = new Promise((resolve) => terminal.input.write(`go\n${'x\n'.repeat(50_000)}\x04`, resolve))
  expect((await counted).trim()).toBe('100000')
  expect(await written).toBeNull()
})

test('everything that a program prints before it ends arrives', async () => {
  spawn('seq', ['50000'], { stdio: ['ignore', program, 'inherit'] })
  closeSync(program)
  const lines = (await text(terminal.output)).split('\r\n')
  expect(lines).toEqual([...Array.from({ length: 50_000 }, (_, index) => String(index + 1)), ''])
})

test('closing twice ends both directions without an error', async () => {
  terminal.output.resume()
  const closed = Promise.all([once(terminal.output, 'close'), once(terminal.input, 'close')])
  terminal.close()
  terminal.close()
  await closed
  expect(() => terminal.size).toThrow(TerminalClosedError)
  closeSync(program)
})

test('typing into a closed terminal is an error', async () => {
  terminal.close()
  const failed = new Promise((resolve) => terminal.input.write('too late', resolve))
  expect(await failed).toMatchObject({ code: 'ERR_STREAM_DESTROYED' })
  closeSync(program)
})
