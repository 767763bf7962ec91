import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SpecExistsError, SpecNotWrittenError } from './errors.ts'
import { JsonUnrepresentableError } from './json/errors.ts'
import { loadSpec } from './load.ts'
import { sound } from './spec.fixture.ts'
import { writeSpec, writeSpecText } from './write.ts'

let directory = ''
let file = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-write-'))
  file = join(directory, 'config.json')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

describe('writeSpec', () => {
  test('writes with tabs, without a newline at the end, and nothing beside it', async () => {
    await writeSpec(directory, sound)
    const text = await readFile(file, 'utf8')
    expect(text).toBe(JSON.stringify(sound, null, '\t'))
    expect(await loadSpec(file)).toEqual(sound)
    expect(await readdir(directory)).toEqual(['config.json'])
  })

  test('leaves the mode to the umask', async () => {
    await writeSpec(directory, sound)
    const { mode, nlink } = await stat(file)
    expect((mode & 0o777).toString(8)).toBe((0o666 & ~process.umask()).toString(8))
    expect(nlink).toBe(1)
  })

  test('refuses to replace a file, and leaves it as it is', async () => {
    await writeFile(file, 'mine')
    await expect(writeSpec(directory, sound)).rejects.toThrow(SpecExistsError)
    await expect(writeSpec(directory, sound)).rejects.toThrow(`File ${file} exists. Remove it first`)
    expect(await readFile(file, 'utf8')).toBe('mine')
    expect(await readdir(directory)).toEqual(['config.json'])
  })

  test('does not write through a link to nowhere', async () => {
    const elsewhere = join(directory, 'elsewhere')
    await symlink(elsewhere, file)
    await expect(writeSpec(directory, sound)).rejects.toThrow(SpecExistsError)
    expect(existsSync(elsewhere)).toBe(false)
    expect(await readlink(file)).toBe(elsewhere)
  })

  test('names a relative file as it was given, and stays where it is', async () => {
    const before = process.cwd()
    const nearby = relative(before, directory)
    await writeSpec(nearby, sound)
    await expect(writeSpec(nearby, sound)).rejects.toThrow(
      `File ${join(nearby, 'config.json')} exists. Remove it first`,
    )
    expect(process.cwd()).toBe(before)
  })

  test('of many at once exactly one wins, and its text is whole', async () => {
    const texts = Array.from({ length: 20 }, (_, number) => `{"ociVersion": "1.0.${number}"}`.padEnd(100_000))
    const results = await Promise.allSettled(texts.map((text) => writeSpecText(directory, text)))
    const winners = results.flatMap(({ status }, number) => (status === 'fulfilled' ? [number] : []))
    expect(winners).toHaveLength(1)
    expect(await readFile(file, 'utf8')).toBe(texts[winners[0] ?? -1])
    expect(await readdir(directory)).toEqual(['config.json'])
  })

  test('says why it could not write, and leaves nothing', async () => {
    const missing = join(directory, 'missing')
    await expect(writeSpec(missing, sound)).rejects.toThrow(SpecNotWrittenError)
    await expect(writeSpec(missing, sound)).rejects.toMatchObject({
      file: join(missing, 'config.json'),
      cause: { code: 'ENOENT' },
    })
    const unwritable = { ...sound, annotations: { a: () => 0 } }
    // @ts-expect-error a function is no annotation
    await expect(writeSpec(directory, unwritable)).rejects.toThrow(JsonUnrepresentableError)
    expect(await readdir(directory)).toEqual([])
  })
})
