import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { GardenContainer } from './container.ts'
import { GardenHookError } from './errors.ts'
import { readHooksDirectory } from './hook-files.ts'

const container: GardenContainer = {
  handle: 'a',
  rootFSPath: 'raw:///rootfs',
  properties: { kind: 'build-7' },
  bindMounts: [{ source: '/a', destination: '/b' }],
}

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-hooks-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

async function put(name: string, change: object = {}): Promise<void> {
  const file = { version: '1.0.0', hook: { path: `/hooks/${name}` }, stages: ['prestart'], ...change }
  await writeFile(join(directory, `${name}.json`), JSON.stringify(file))
}

async function pathsAt(stage: 'prestart' | 'poststop'): Promise<string[]> {
  const hooks = await readHooksDirectory(directory, container)
  return (hooks[stage] ?? []).map((hook) => hook.path)
}

describe('readHooksDirectory', () => {
  test('is empty for an empty directory', async () => {
    await writeFile(join(directory, 'README'), 'not a hook')
    expect(await readHooksDirectory(directory, container)).toEqual({})
  })

  test('reads the files in the order of their names, each at its stages', async () => {
    await put('20-second', { stages: ['prestart', 'poststop'] })
    await put('10-first', {
      hook: { path: '/hooks/10-first', args: ['first'], timeout: 3 },
      stages: ['prestart'],
    })
    expect(await readHooksDirectory(directory, container)).toEqual({
      prestart: [{ path: '/hooks/10-first', args: ['first'], timeout: 3 }, { path: '/hooks/20-second' }],
      poststop: [{ path: '/hooks/20-second' }],
    })
  })

  test('a stage named twice counts once', async () => {
    await put('a', { stages: ['poststop', 'poststop'] })
    expect(await pathsAt('poststop')).toEqual(['/hooks/a'])
  })

  test.each([
    [{ always: true }, true],
    [{ always: false }, false],
    [{}, false],
    [{ annotations: { '^kind$': '^build-' } }, true],
    [{ annotations: { '^kind$': '^deploy-' } }, false],
    [{ annotations: { '^kind$': 'build', '^other$': '.' } }, false],
    [{ commands: ['nothing', 'gdn-init$'] }, true],
    [{ commands: ['nothing'] }, false],
    [{ hasBindMounts: true }, true],
    [{ hasBindMounts: false }, false],
    [{ always: true, hasBindMounts: false }, false],
  ])('when %j: %s', async (when, applies) => {
    await put('a', { when })
    expect(await pathsAt('prestart')).toEqual(applies ? ['/hooks/a'] : [])
  })

  test('a container without bind mounts is one', async () => {
    await put('with', { when: { hasBindMounts: true } })
    await put('without', { when: { hasBindMounts: false } })
    const hooks = await readHooksDirectory(directory, { ...container, bindMounts: [] })
    expect(hooks.prestart).toEqual([{ path: '/hooks/without' }])
  })

  test.each([
    [{ stages: ['prestart', 'later'] }, "a.json: unknown stage 'later'"],
    [{ version: '2.0.0' }, 'a.json is not a hook file: version:'],
    [{ hook: {} }, 'a.json is not a hook file: hook.path:'],
    [{ hook: { path: 'relative' } }, "a.json: the path of a hook must be absolute: 'relative'"],
    [{ when: { sometimes: true } }, 'a.json is not a hook file: when.sometimes:'],
    [{ when: { commands: ['('] } }, "a.json: '(' is not a regular expression"],
  ])('refuses %j', async (change, problem) => {
    await put('a', change)
    const reading = readHooksDirectory(directory, container)
    await expect(reading).rejects.toThrow(problem)
    await expect(reading).rejects.toBeInstanceOf(GardenHookError)
  })

  test('names the file that is not JSON, and the directory that is not there', async () => {
    await writeFile(join(directory, 'bad.json'), '{')
    await expect(readHooksDirectory(directory, container)).rejects.toThrow('bad.json cannot be read as JSON')
    await expect(readHooksDirectory(join(directory, 'none'), container)).rejects.toThrow(
      'none cannot be read',
    )
  })
})
