import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UnsafeDirectoryError } from '../host/index.ts'
import { ContainerIds } from './container-id.ts'
import { InvalidContainerIdError } from './errors.ts'
import { OwnDirectories, recordedContainers } from './own-directories.ts'

let base = ''
let path = ''
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'runwright-own-'))
  path = join(base, 'own')
})
afterEach(() => {
  rmSync(base, { recursive: true })
})

describe('OwnDirectories', () => {
  test('makes nothing before it is needed', () => {
    new OwnDirectories(path)
    expect(existsSync(path)).toBe(false)
    expect(recordedContainers(path)).toEqual([])
  })

  test('a claimed id is on record, in a directory nobody else may enter', () => {
    const directories = new OwnDirectories(path)
    const { path: claimed, isFirst } = directories.claim('web')
    expect(isFirst).toBe(true)
    expect(claimed).toBe(join(path, 'web'))
    expect(statSync(claimed).mode & 0o777).toBe(0o700)
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(recordedContainers(path)).toEqual(['web'])
  })

  test('a second claim of an id has a directory of its own, and its removal leaves the first', () => {
    const first = new OwnDirectories(path).claim('web')
    const directories = new OwnDirectories(path)
    const second = directories.claim('web')
    expect(second.isFirst).toBe(false)
    expect(second.path).not.toBe(first.path)
    directories.remove(second.path)
    expect(readdirSync(first.path)).toEqual([])
    expect(recordedContainers(path)).toEqual(['web'])
  })

  test('drivers that count alike never get the same id', () => {
    const claims = [1, 2, 3].map(() => {
      const ids = new ContainerIds('x')
      return new OwnDirectories(path).claimNext(() => ids.next()).id
    })
    expect(claims).toEqual(['x-0001', 'x-0002', 'x-0003'])
  })

  test('what is removed is off the record at once, and gone once that has settled', async () => {
    const directories = new OwnDirectories(path)
    const { path: claimed } = directories.claim('web')
    writeFileSync(join(claimed, 'stdout'), 'much')
    directories.remove(claimed)
    expect(recordedContainers(path)).toEqual([])
    expect(directories.claim('web').isFirst).toBe(true)
    await directories.settled()
    expect(readdirSync(join(path, '.commands'))).toEqual([])
    expect(recordedContainers(path)).toEqual(['web'])
  })

  test('to remove what is not there is nothing', async () => {
    const directories = new OwnDirectories(path)
    directories.remove(directories.of('web'))
    await directories.settled()
    expect(recordedContainers(path)).toEqual([])
  })

  test("a process has a directory in its container's, or apart when that is not ours", () => {
    const directories = new OwnDirectories(path)
    const container = directories.claim('web').path
    expect(directories.forProcess('web').startsWith(`${container}/`)).toBe(true)
    directories.forProcess('theirs')
    expect(recordedContainers(path)).toEqual(['web'])
  })

  test('files of commands are all different', () => {
    const directories = [new OwnDirectories(path), new OwnDirectories(path)]
    const files = directories.flatMap((own) => [own.commandFile('log'), own.commandFile('log')])
    expect(new Set(files).size).toBe(4)
  })

  test.each(['', '..', '.commands', '../x', 'a/b', '/x'])('%j is not used in a path', (id) => {
    const directories = new OwnDirectories(path)
    expect(() => directories.claim(id)).toThrow(InvalidContainerIdError)
    expect(() => directories.forProcess(id)).toThrow(InvalidContainerIdError)
    expect(() => directories.of(id)).toThrow(InvalidContainerIdError)
    expect(existsSync(path)).toBe(false)
  })

  test('a directory that others can write to is refused', () => {
    const directories = new OwnDirectories(base)
    chmodSync(base, 0o777)
    expect(() => directories.claim('web')).toThrow(UnsafeDirectoryError)
    expect(readdirSync(base)).toEqual([])
  })
})
