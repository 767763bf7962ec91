import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { locateProgram } from './locate-program.ts'

const tool = 'no-such-tool-of-any-host'
let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'locate-'))
  mkdirSync(join(place, 'bin'))
  vi.stubEnv('RUNWRIGHT_HOME', place)
  vi.stubEnv('PATH', join(place, 'bin'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true })
})

/** A program that runs, or one that the kernel would refuse. */
function program(path: string, runs: boolean): string {
  writeFileSync(path, runs ? '#!/bin/sh\n' : 'hello', { mode: 0o755 })
  return path
}

function download(version: string, runs = true): string {
  const directory = join(place, 'archives/programs', tool, version)
  mkdirSync(join(directory, 'root'), { recursive: true })
  writeFileSync(
    join(directory, 'download.json'),
    JSON.stringify({ name: tool, version, program: `root/${tool}` }),
  )
  return program(join(directory, 'root', tool), runs)
}

test('the installed program goes before a downloaded one', async () => {
  download('2.0')
  const path = program(join(place, 'bin', tool), true)
  expect(await locateProgram(tool)).toMatchObject({ kind: 'runs', path })
})

test('a downloaded program goes before an installed one that does not run', async () => {
  program(join(place, 'bin', tool), false)
  const path = download('2.0')
  expect(await locateProgram(tool)).toMatchObject({ kind: 'runs', path })
})

test('the newest download that runs is taken, or the one of a version', async () => {
  const [older, newer] = [download('1.9.1-1'), download('1.10.2-1')]
  download('1.11.0-1', false)
  expect(await locateProgram(tool)).toMatchObject({ path: newer })
  expect(await locateProgram(`${tool}@1.9`)).toMatchObject({ path: older })
  expect(await locateProgram(`${tool}@1.11`)).toBeUndefined()
})

test('where nothing runs, the installed program tells why', async () => {
  const path = program(join(place, 'bin', tool), false)
  expect(await locateProgram(tool)).toMatchObject({ kind: 'not-executable', path })
})

test('a path is taken as it is', async () => {
  download('2.0')
  const path = program(join(place, 'bin', tool), false)
  expect(await locateProgram(path)).toMatchObject({ kind: 'not-executable', path })
  expect(await locateProgram(join(place, tool))).toBeUndefined()
  expect(await locateProgram(`../${tool}`)).toBeUndefined()
})

test('where there is none, there is none', async () => {
  expect(await locateProgram(tool)).toBeUndefined()
  expect(await locateProgram('')).toBeUndefined()
})
