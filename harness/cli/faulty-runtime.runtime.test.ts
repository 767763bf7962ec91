import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { programPath } from '../host/index.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'faulty-'))
})

afterEach(() => {
  rmSync(place, { recursive: true })
})

async function runwright(...args: readonly string[]) {
  return await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    reject: false,
    stdin: 'ignore',
    cwd: place,
    env: { RUNWRIGHT_SESSIONS: join(place, 'sessions') },
  })
}

describe.skipIf(process.geteuid?.() !== 0)('faulty-runtime', () => {
  test('gives a command a runtime with the fault, exits as that does and leaves nothing', async () => {
    const script = '"$RUNTIME" --version; "$RUNTIME" --root "$PWD" state nobody; echo "$?"; exit 5'
    const command = ['faulty-runtime', 'state-of-unknown-container-succeeds', '--', 'sh', '-c', script]
    const { exitCode, stdout } = await runwright(...command)
    expect({ exitCode, stdout }).toMatchObject({
      exitCode: 5,
      stdout: expect.stringMatching(/^runc version .*\n0$/s),
    })
    expect(existsSync(join(place, 'sessions'))).toBe(false)
  })

  test('says so when there is no such fault, or no such command', async () => {
    expect(await runwright('faulty-runtime', 'no-such', '--', 'true')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("'no-such'"),
    })
    expect(await runwright('faulty-runtime', 'hostname-dropped', '--', './no-such')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('no-such'),
    })
  })
})
