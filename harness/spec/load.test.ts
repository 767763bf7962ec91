import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunwrightError } from '../host/index.ts'
import { withoutValue, withValue } from './edits/value.ts'
import {
  SpecInvalidError,
  SpecIsDirectoryError,
  SpecNotFoundError,
  SpecNullError,
  SpecShapeError,
  SpecUnreadableError,
} from './errors.ts'
import {
  JsonDuplicateNameError,
  JsonEncodingError,
  JsonSyntaxError,
  JsonTrailingDataError,
} from './json/errors.ts'
import { stringifyJson } from './json/stringify.ts'
import { examineSpec, loadSpec, parseFeatures, parseProcess, parseSpec, parseState } from './load.ts'
import { referenceSpec } from './reference/reference-spec.ts'
import { sound, specs } from './spec.fixture.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-load-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function written(content: string | Buffer): Promise<string> {
  const file = join(directory, 'config.json')
  await writeFile(file, content)
  return file
}

function failure(read: () => unknown): unknown {
  try {
    read()
  } catch (error) {
    return error
  }
  return undefined
}

describe('loadSpec', () => {
  test('reads a configuration', async () => {
    const file = await written(stringifyJson(sound, { indent: '\t' }))
    expect(await loadSpec(file)).toEqual(sound)
  })

  test('keeps large integers, unknown members and their order', async () => {
    const text = stringifyJson(
      withValue(
        'process.rlimits[0].hard',
        2n ** 64n - 1n,
      )(withValue('x', [1, { z: 1, a: 2n ** 63n }])(sound)),
    )
    expect(stringifyJson(await loadSpec(await written(text)))).toBe(text)
  })

  test('a file that is not there', async () => {
    const file = join(directory, 'config.json')
    const loading = loadSpec(file)
    await expect(loading).rejects.toThrow(SpecNotFoundError)
    await expect(loading).rejects.toMatchObject({
      code: 'SPEC_NOT_FOUND',
      file,
      message: `JSON specification file ${file} not found`,
    })
    await expect(loadSpec(join(file, 'config.json'))).rejects.toThrow(SpecNotFoundError)
  })

  test('a directory', async () => {
    await expect(loadSpec(directory)).rejects.toThrow(SpecIsDirectoryError)
    await expect(loadSpec(directory)).rejects.toMatchObject({ message: expect.stringContaining(directory) })
  })

  test('a file without permission', async (context) => {
    if (process.geteuid?.() === 0) context.skip('root may read everything')
    const file = await written('{}')
    await chmod(file, 0)
    await expect(loadSpec(file)).rejects.toThrow(SpecUnreadableError)
  })

  test('a FIFO nobody writes to, a loop of links, a device', async () => {
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    await expect(loadSpec(fifo)).rejects.toThrow(SpecUnreadableError)
    await symlink('loop', join(directory, 'loop'))
    await expect(loadSpec(join(directory, 'loop'))).rejects.toThrow(SpecUnreadableError)
    await expect(loadSpec('/dev/zero')).rejects.toThrow(/not a regular file/)
    await expect(loadSpec('config\u0000.json')).rejects.toThrow(SpecUnreadableError)
  })

  test.for<
    [what: string, content: string | Buffer, kind: abstract new (...parts: never[]) => Error, place: string]
  >([
    ['nothing', '', JsonSyntaxError, '1:1'],
    ['no JSON', '{"ociVersion": "1.0.0",\n  process: {}}', JsonSyntaxError, '2:3'],
    ['half a configuration', '{"ociVersion": "1.0.0"', JsonSyntaxError, '1:23'],
    ['two configurations', '{}\n{}', JsonTrailingDataError, '2:1'],
    ['a repeated member', '{"hostname": "a",\n "hostname": "a"}', JsonDuplicateNameError, '2:2'],
    ['a byte order mark', '\uFEFF{}', JsonEncodingError, '1:1'],
    ['Latin-1', Buffer.from('{\n"hostname": "\u00e4"}', 'latin1'), JsonEncodingError, '2:14'],
  ])('%s', async ([, content, kind, place]) => {
    const file = await written(content)
    await expect(loadSpec(file)).rejects.toThrow(kind)
    await expect(loadSpec(file)).rejects.toThrow(`${file}:${place}: `)
  })

  test('null', async () => {
    const file = await written('null')
    await expect(loadSpec(file)).rejects.toThrow(SpecNullError)
    await expect(loadSpec(file)).rejects.toThrow(`${file} must hold an object, but it is null`)
  })

  test('wrong types, with file, line, path and value, all at once', async () => {
    const file = await written('{\n "ociVersion": 1,\n "process": {"cwd": "x", "args": ["sh", 5]}\n}')
    const error = await loadSpec(file).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SpecShapeError)
    expect(error).toMatchObject({
      code: 'SPEC_SHAPE',
      file,
      problems: [
        { code: 'ROOT_MISSING', path: 'root', place: { line: 1, column: 1 } },
        { code: 'WRONG_TYPE', path: 'ociVersion', value: 1, place: { line: 2, column: 16 } },
        { code: 'CWD_RELATIVE', path: 'process.cwd', value: 'x', place: { line: 3, column: 21 } },
        { code: 'WRONG_TYPE', path: 'process.args[1]', value: 5, place: { line: 3, column: 41 } },
      ],
    })
    expect(String(error)).toContain(`${file} has 4 problems`)
    expect(String(error)).toContain(
      `${file}:3:41: process.args[1]: must be a text, but is 5 (config.md#process)`,
    )
  })

  test('what a runtime must refuse, unless it is wanted', async () => {
    const spec = withValue('process.cwd', 'x')(sound)
    const file = await written(stringifyJson(spec))
    await expect(loadSpec(file)).rejects.toThrow(SpecInvalidError)
    await expect(loadSpec(file)).rejects.toMatchObject({
      code: 'SPEC_INVALID',
      problems: [{ path: 'process.cwd' }],
    })
    expect(await loadSpec(file, { semantics: false })).toEqual(spec)
  })

  test('warnings do not keep it from being read', async () => {
    const spec = withValue('process.capabilities.bounding[1]', 'CAP_FLY')(sound)
    expect(await loadSpec(await written(stringifyJson(spec)))).toEqual(spec)
  })

  test('a link to a configuration', async () => {
    await mkdir(join(directory, 'real'))
    await writeFile(join(directory, 'real', 'c'), stringifyJson(sound))
    await symlink('real/c', join(directory, 'config.json'))
    expect(await loadSpec(join(directory, 'config.json'))).toEqual(sound)
  })

  test('the oldest profile', async () => {
    const profile = 'runc-1.0.0-rc3'
    const old = referenceSpec({ profile })
    const file = await written(stringifyJson(old))
    const loaded = await loadSpec(file, { profile })
    expect(loaded.platform).toEqual(old.platform)
    expect(loaded.process?.capabilities).toEqual(['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'])
    await expect(loadSpec(file)).rejects.toMatchObject({ problems: [{ path: 'process.capabilities' }] })
  })
})

describe('parseSpec', () => {
  test('writes and reads back any configuration of the right shape', () => {
    fc.assert(
      fc.property(specs, fc.constantFrom('', '\t'), (spec, indent) => {
        const text = stringifyJson(spec, { indent })
        const read = parseSpec(text, { semantics: false })
        expect(read).toEqual(spec)
        expect(stringifyJson(read, { indent })).toBe(text)
      }),
      { numRuns: 60 },
    )
  })

  test('throws nothing but its own errors, whatever the text', () => {
    const text = stringifyJson(sound, { indent: ' ' })
    const damaged = fc
      .tuple(
        fc.nat(text.length),
        fc.nat(8),
        fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('{', '[', '"', 'null', ',')),
      )
      .map(([at, length, inserted]) => text.slice(0, at) + inserted + text.slice(at + length))
    fc.assert(
      fc.property(fc.oneof(damaged, fc.json(), fc.string()), (input) => {
        const error = failure(() => parseSpec(input, { file: 'f' }))
        if (error === undefined) return
        expect(error).toBeInstanceOf(RunwrightError)
        expect(String(error)).toContain('f')
      }),
      { numRuns: 500 },
    )
  })
})

test('examineSpec gives the configuration along with its warnings', () => {
  const text = stringifyJson(withValue('process.cwd', 'x')(sound), { indent: ' ' })
  const examined = examineSpec(text)
  expect(examined.spec?.hostname).toBe('tested')
  expect(examined.problems).toMatchObject([{ path: 'process.cwd', place: { line: 8 } }])
  expect(examineSpec(stringifyJson(withoutValue('ociVersion')(sound))).spec).toBeUndefined()
  expect(failure(() => examineSpec('null'))).toBeInstanceOf(SpecNullError)
})

describe('other documents', () => {
  test('a process file', () => {
    expect(parseProcess('{"cwd": "/", "args": ["sh"]}')).toEqual({ cwd: '/', args: ['sh'] })
    expect(failure(() => parseProcess('{"cwd": "/", "args": []}', { file: 'p.json' }))).toMatchObject({
      code: 'SPEC_INVALID',
      message:
        'p.json has 1 problem\n  p.json:1:22: args: must have at least one entry, the program to run (config.md#process)',
    })
    expect(parseProcess('{"cwd": "/"}', { semantics: false })).toEqual({ cwd: '/' })
    expect(failure(() => parseProcess('{}'))).toBeInstanceOf(SpecShapeError)
  })

  test('a state', () => {
    const state = { ociVersion: '1.0.2', id: 'a', status: 'running', pid: 7, bundle: '/b', extra: 1 }
    expect(parseState(stringifyJson(state))).toEqual(state)
    expect(failure(() => parseState('{"id": 5}'))).toMatchObject({ code: 'SPEC_SHAPE' })
    expect(failure(() => parseState('no'))).toBeInstanceOf(JsonSyntaxError)
  })

  test('the features', () => {
    const features = { ociVersionMin: '1.0.0', ociVersionMax: '1.3.0', hooks: null }
    expect(parseFeatures(stringifyJson(features))).toEqual(features)
    expect(failure(() => parseFeatures('{}'))).toMatchObject({
      problems: [
        { path: 'ociVersionMin', code: 'MISSING' },
        { path: 'ociVersionMax', code: 'MISSING' },
      ],
    })
  })
})
