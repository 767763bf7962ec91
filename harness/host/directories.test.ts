import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  ensurePrivateDirectory,
  homeDirectories,
  IncompletePackageError,
  packageDirectory,
  programPath,
  UnsafeDirectoryError,
} from './directories.ts'
import { placeInMemory } from './place-in-memory.ts'

const isRoot = process.geteuid?.() === 0
let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'directories-'))
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(place, { recursive: true })
})

describe('packageDirectory', () => {
  test('is where package.json lies', () => {
    expect(lstatSync(join(packageDirectory(), 'package.json')).isFile()).toBe(true)
  })
})

describe('programPath', () => {
  test('of a program that was never compiled says to build', () => {
    expect(() => programPath('harness/host/no-such-program.js')).toThrow(IncompletePackageError)
    expect(() => programPath('harness/host/no-such-program.js')).toThrow(/npm run build/)
  })
})

describe('homeDirectories', () => {
  test('of a checkout are its own folders', () => {
    vi.stubEnv('RUNWRIGHT_HOME', '')
    expect(homeDirectories()).toMatchObject({
      archives: join(packageDirectory(), 'archives'),
      bundles: join(packageDirectory(), 'bundles'),
    })
  })

  test('follow RUNWRIGHT_HOME and RUNWRIGHT_SESSIONS', () => {
    vi.stubEnv('RUNWRIGHT_HOME', place)
    vi.stubEnv('RUNWRIGHT_SESSIONS', join(place, 'running'))
    expect(homeDirectories()).toEqual({
      archives: join(place, 'archives'),
      bundles: join(place, 'bundles'),
      sessions: join(place, 'running'),
    })
  })

  test('keep sessions for root in memory, or at least in /run', (ctx) => {
    if (!isRoot) ctx.skip('needs root')
    vi.stubEnv('RUNWRIGHT_SESSIONS', undefined)
    expect(homeDirectories().sessions).toBe(join(placeInMemory() ?? '/run', 'runwright'))
  })
})

describe('ensurePrivateDirectory', () => {
  test('makes it, and missing parents, for the owner alone', () => {
    ensurePrivateDirectory(join(place, 'a', 'b'))
    expect(lstatSync(join(place, 'a')).mode & 0o777).toBe(0o700)
    expect(lstatSync(join(place, 'a', 'b')).mode & 0o777).toBe(0o700)
  })

  test('accepts it a second time', () => {
    ensurePrivateDirectory(join(place, 'a'))
    expect(() => ensurePrivateDirectory(join(place, 'a'))).not.toThrow()
  })

  test('refuses a symbolic link to a directory', () => {
    mkdirSync(join(place, 'real'))
    symlinkSync('real', join(place, 'link'))
    expect(() => ensurePrivateDirectory(join(place, 'link'))).toThrow(UnsafeDirectoryError)
  })

  test('refuses a file', () => {
    writeFileSync(join(place, 'file'), '')
    expect(() => ensurePrivateDirectory(join(place, 'file'))).toThrow(/is not a directory/)
  })

  test('refuses what everybody can write', () => {
    mkdirSync(join(place, 'open'))
    chmodSync(join(place, 'open'), 0o777)
    expect(() => ensurePrivateDirectory(join(place, 'open'))).toThrow(/written by everybody/)
  })

  test('refuses what a foreign group can write', (ctx) => {
    if (!isRoot) ctx.skip('needs root')
    mkdirSync(join(place, 'shared'))
    chownSync(join(place, 'shared'), 0, 4321)
    chmodSync(join(place, 'shared'), 0o770)
    expect(() => ensurePrivateDirectory(join(place, 'shared'))).toThrow(/written by group 4321/)
  })

  test('refuses a directory of another user', (ctx) => {
    if (!isRoot) ctx.skip('needs root')
    mkdirSync(join(place, 'theirs'))
    chownSync(join(place, 'theirs'), 4321, 4321)
    expect(() => ensurePrivateDirectory(join(place, 'theirs'))).toThrow(/belongs to user 4321/)
  })

  test('refuses, for root, a parent where everybody can swap names, unless it is sticky', (ctx) => {
    if (!isRoot) ctx.skip('needs root')
    mkdirSync(join(place, 'parent'))
    chmodSync(join(place, 'parent'), 0o777)
    expect(() => ensurePrivateDirectory(join(place, 'parent', 'child'))).toThrow(/lies in .*parent/)
    expect(existsSync(join(place, 'parent', 'child'))).toBe(false)
    chmodSync(join(place, 'parent'), 0o1777)
    expect(() => ensurePrivateDirectory(join(place, 'parent', 'child'))).not.toThrow()
  })
})
