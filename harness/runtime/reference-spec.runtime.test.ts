import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { installedRuntimes, Workshop } from './driver.fixture.ts'
import { referenceSpecOf } from './reference-spec.ts'
import type { Runtime } from './runtime.ts'

describe.each(await installedRuntimes())('the reference spec of $name', (resolved) => {
  let workshop: Workshop
  let directory = ''
  let ran: string[] = []

  beforeEach(() => {
    workshop = new Workshop(resolved)
    directory = join(workshop.directory, 'specs')
    ran = []
    return async () => expect(await workshop.close()).toEqual([])
  })

  function driver(options: Parameters<Workshop['driver']>[0] = {}): Runtime {
    return workshop.driver({ observer: ({ verb }) => ran.push(verb), ...options })
  }

  test('is asked for once, whoever asks', async () => {
    const first = await referenceSpecOf(driver(), { directory })
    expect(first).toMatchObject({ origin: 'runtime', spec: { process: { args: ['sh'] } } })
    expect(await referenceSpecOf(driver(), { directory })).toEqual(first)
    expect(ran).toEqual(['spec'])
    expect(readdirSync(directory)).toHaveLength(1)
  })

  test('asked for at the same time, is whole for everybody', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => referenceSpecOf(driver(), { directory })))
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(readdirSync(directory)).toHaveLength(1)
  })

  test('is another for unprivileged users, and with other options', async () => {
    await referenceSpecOf(driver(), { directory })
    const rootless = await referenceSpecOf(driver(), { directory, rootless: true })
    expect(rootless.spec.linux?.namespaces).toContainEqual({ type: 'user' })
    await referenceSpecOf(driver({ arguments: ['--debug'] }), { directory })
    expect(ran).toEqual(['spec', 'spec', 'spec'])
  })

  test('is asked for again when what was kept is torn', async () => {
    const { spec } = await referenceSpecOf(driver(), { directory })
    const [name = ''] = readdirSync(directory)
    writeFileSync(join(directory, name), readFileSync(join(directory, name), 'utf8').slice(0, 100))
    expect((await referenceSpecOf(driver(), { directory })).spec).toEqual(spec)
    expect(ran).toEqual(['spec', 'spec'])
  })

  test('of a script is asked for again when another program stands behind it', async () => {
    const behind = join(workshop.directory, 'behind')
    const command = workshop.wrapper(`case "$*" in *--version*) cat ${behind};; *) runtime "$@";; esac`)
    for (const version of ['1', '1', '2']) {
      writeFileSync(behind, `x version ${version}\n`)
      await referenceSpecOf(driver({ command, prefix: [] }), { directory })
    }
    expect(ran.filter((verb) => verb === 'spec')).toHaveLength(2)
  })

  test('of a script whose version is known needs no command at all', async () => {
    const command = workshop.wrapper('runtime "$@"')
    const ask = async (version: string) => {
      await referenceSpecOf(driver({ command, prefix: [] }), { directory, version })
    }
    await ask('1')
    await ask('1')
    expect(ran).toEqual(['spec'])
    await ask('2')
    expect(ran).toEqual(['spec', 'spec'])
  })

  test('is asked for again when the program was replaced', async () => {
    const command = workshop.wrapper('runtime "$@"')
    await referenceSpecOf(driver({ command, prefix: [] }), { directory, version: '1' })
    writeFileSync(command, readFileSync(command))
    await referenceSpecOf(driver({ command, prefix: [] }), { directory, version: '1' })
    expect(ran).toEqual(['spec', 'spec'])
  })

  test('each caller gets a copy of its own', async () => {
    const { spec } = await referenceSpecOf(driver(), { directory })
    spec.hostname = 'changed'
    expect((await referenceSpecOf(driver(), { directory })).spec.hostname).not.toBe('changed')
  })

  test('is the built-in one where the runtime writes none, and that is said', async () => {
    const command = workshop.wrapper('case "$*" in *--version*) runtime "$@";; *) exit 1;; esac')
    const own = await referenceSpecOf(driver(), { directory })
    const { spec, origin, reason } = await referenceSpecOf(driver({ command, prefix: [] }), { directory })
    expect(origin).toBe('built-in')
    expect(reason).toContain('spec failed with exit code 1')
    expect(spec.process).toEqual(own.spec.process)
    const unknown = await referenceSpecOf(driver({ command: '/bin/true', prefix: [] }), { directory })
    expect(unknown).toMatchObject({
      origin: 'built-in',
      spec: { ociVersion: '1.0.0', process: { args: ['sh'] } },
    })
    expect(readdirSync(directory)).toHaveLength(1)
  })

  test('that cannot be kept is an error', async () => {
    mkdirSync(workshop.directory, { recursive: true })
    writeFileSync(directory, 'in the way')
    await expect(referenceSpecOf(driver(), { directory })).rejects.toThrow(/EEXIST|ENOTDIR/)
    rmSync(directory)
  })

  test('of a runtime that hangs is an error, not the built-in one', async () => {
    const command = workshop.wrapper('case "$*" in *--version*) runtime "$@";; *) exec sleep 600;; esac')
    const hanging = driver({ command, prefix: [] })
    await expect(referenceSpecOf(hanging, { directory, timeoutMs: 300 })).rejects.toMatchObject({
      code: 'RUNTIME_TIMED_OUT',
    })
  })
})
