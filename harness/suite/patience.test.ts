import { expect, test } from 'vitest'
import type { CommandRecord } from '../runtime/index.ts'
import { Patience } from './patience.ts'

function command(verb: string, end: Partial<CommandRecord>): CommandRecord {
  return {
    verb,
    argv: [],
    reproduction: [],
    workingDirectory: '/',
    exitCode: undefined,
    signal: undefined,
    stdout: '',
    stderr: '',
    log: [],
    startedAt: 0,
    durationMs: 0,
    timedOut: false,
    ...end,
  }
}

function after(...ends: readonly Partial<CommandRecord>[]): number | undefined {
  const patience = new Patience()
  for (const end of ends) patience.learn(command('create', end))
  return patience.limitOf('create')
}

const hung = { timedOut: true }

test('a verb that has hung three times and never ended gets little time', () => {
  expect(after(hung, hung)).toBeUndefined()
  expect(after(hung, hung, hung)).toBe(1_000)
})

test('a verb that has ended by itself, well or badly, before or since, gets the usual time', () => {
  expect(after({ exitCode: 0 }, hung, hung, hung)).toBeUndefined()
  expect(after(hung, hung, hung, { exitCode: 1 })).toBeUndefined()
  expect(after(hung, hung, hung, { signal: 'SIGSEGV' })).toBeUndefined()
})

test('a command that was aborted says nothing', () => {
  expect(after({}, hung, hung, {})).toBeUndefined()
  expect(after({}, hung, hung, hung)).toBe(1_000)
})

test('one verb says nothing about another', () => {
  const patience = new Patience()
  for (let count = 0; count < 5; count += 1) patience.learn(command('pause', hung))
  expect(patience.limitOf('pause')).toBe(1_000)
  expect(patience.limitOf('create')).toBeUndefined()
})
