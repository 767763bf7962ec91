import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RuntimeNotFoundError } from './errors.ts'
import { resolveRuntime } from './resolve-runtime.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-resolve-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

function script(name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return file
}

describe('resolveRuntime', () => {
  test('takes the profile of the name that a program gives itself', async () => {
    const path = script('my-build', 'echo "runsc version release-1"')
    expect(await resolveRuntime(path)).toMatchObject({
      name: path,
      profile: 'runsc',
      command: path,
      arguments: ['--network=none', '--net-raw', '--overlay2=none', '--oci-seccomp'],
      version: { version: 'release-1' },
    })
  })

  test('a program of no profile is known by what it calls itself, and given nothing more', async () => {
    const path = script('x', 'echo "newrun version 0.1"; echo "spec: 1.2.0"')
    expect(await resolveRuntime(path)).toMatchObject({
      profile: 'newrun',
      arguments: [],
      prefix: [],
      lacks: [],
    })
  })

  test.each([
    ['fails', 'exit 1'],
    ['says nothing', ''],
    ['crashes', 'kill -SEGV $$'],
  ])('a program that %s when asked is known by its file', async (_what, text) => {
    expect(await resolveRuntime(script('odd', text))).toMatchObject({ profile: 'odd', lacks: [] })
  })

  test('asks a program once, and again when it has changed', async () => {
    const path = script('x', `echo asked >> ${directory}/log; echo "runc version 1"`)
    await resolveRuntime(path)
    expect((await resolveRuntime(path)).version?.version).toBe('1')
    expect(readFileSync(join(directory, 'log'), 'utf8')).toBe('asked\n')
    script('x', 'echo "runc version 2, which is newer"; echo "runc version 2"')
    expect((await resolveRuntime(path)).version?.version).toBe('2')
  })

  test.each([
    [
      '/no/such',
      /\/no\/such is no executable file: give the path of a runtime, or one of runc, crun, runsc, youki/,
    ],
    ['/tmp', /\/tmp is no executable file/],
    ['no-such-runtime', /no program "no-such-runtime" on PATH/],
    ['', /no program "" on PATH/],
  ])('%j is not found', async (name, message) => {
    await expect(resolveRuntime(name)).rejects.toThrow(message)
    await expect(resolveRuntime(name)).rejects.toThrow(RuntimeNotFoundError)
  })

  test('a file that is not executable is not found', async () => {
    const path = script('x', 'echo "runc version 1"')
    chmodSync(path, 0o644)
    await expect(resolveRuntime(path)).rejects.toThrow(RuntimeNotFoundError)
  })

  test('a program whose interpreter is missing is not run, and that is said', async () => {
    const path = join(directory, 'x')
    writeFileSync(path, '#!/no/such/interpreter\n', { mode: 0o755 })
    await expect(resolveRuntime(path)).rejects.toThrow(RuntimeNotFoundError)
    await expect(resolveRuntime(path)).rejects.toThrow(
      /needs interpreter, which this host does not have: give/,
    )
  })
})
