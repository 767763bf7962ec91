import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findProgram, programPath } from '../host/index.ts'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bundle-'))
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

async function runwright(...args: readonly string[]) {
  return await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    reject: false,
    stdin: 'ignore',
    env: { RUNWRIGHT_HOME: home, RUNWRIGHT_SESSIONS: join(home, 'sessions') },
  })
}

test('a bundle made by hand runs, is listed, conflicts, and goes without a trace', async (ctx) => {
  const runc = findProgram('runc')
  if (runc === undefined) ctx.skip('needs runc: runwright setup')
  if (process.geteuid?.() !== 0) ctx.skip('needs root')
  const made = await runwright('bundle', 'create', 'hello', '--', 'echo', 'hello from inside')
  expect(made).toMatchObject({ exitCode: 0, stdout: join(home, 'bundles/hello') })
  const run = await execa(runc ?? '', [
    '--root',
    join(home, 'runc'),
    'run',
    '--bundle',
    made.stdout,
    `hand-${process.pid}`,
  ])
  expect(run.stdout).toBe('hello from inside')

  expect((await runwright('bundle')).stdout).toBe(`hello  busybox  ${made.stdout}`)
  const shown = JSON.parse((await runwright('bundle', 'show', 'hello', '--json')).stdout)
  expect(shown.spec.process.args).toEqual(['echo', 'hello from inside'])

  const conflict = await runwright('bundle', 'create', 'hello', '--', 'echo', 'something else')
  expect(conflict.exitCode).toBe(2)
  expect(conflict.stderr).toContain('something else')

  expect((await runwright('bundle', 'remove', 'hello')).exitCode).toBe(0)
  expect(readdirSync(join(home, 'bundles')).filter((name) => !name.startsWith('.'))).toEqual([])
  expect((await runwright('clean')).stdout).toBe('Nothing was left by any run.')
})
