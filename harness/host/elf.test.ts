import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { elfBytes, type MadeElf } from './elf.fixture.ts'
import { DamagedProgramError, readElf } from './elf.ts'

const made: MadeElf = {
  machine: 62,
  interpreter: '/lib64/ld.so',
  needed: ['libone.so', 'libtwo.so'],
  rpath: '/a:/b',
  runpath: '/c',
  requires: [
    ['libone.so', 'ONE_1'],
    ['libtwo.so', 'TWO_2'],
  ],
  defines: ['own', 'OWN_1'],
}

let place: string
let path: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'elf-'))
  path = join(place, 'file')
})

afterEach(() => {
  rmSync(place, { recursive: true })
})

test('reads what the loader reads', () => {
  writeFileSync(path, elfBytes(made))
  expect(readElf(path)).toEqual({
    path,
    bits: 64,
    machine: 62,
    interpreter: '/lib64/ld.so',
    needed: ['libone.so', 'libtwo.so'],
    rpath: ['/a', '/b'],
    runpath: ['/c'],
    requiredVersions: [
      { library: 'libone.so', version: 'ONE_1', weak: false },
      { library: 'libtwo.so', version: 'TWO_2', weak: false },
    ],
    definedVersions: ['own', 'OWN_1'],
  })
})

test('knows what is no ELF file, however short', () => {
  for (const content of ['', 'x', '#!/bin/sh\n', '\x7fEL']) {
    writeFileSync(path, content)
    expect(readElf(path)).toBeUndefined()
  }
})

test('cut off at any byte, gives an error of ours or what was left to read', () => {
  const whole = elfBytes(made)
  for (let length = 4; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length))
    try {
      readElf(path)
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedProgramError)
    }
  }
})

test('with any byte changed, gives an error of ours or something to read', () => {
  const whole = elfBytes(made)
  for (let position = 4; position < whole.length; position += 1) {
    const changed = Buffer.from(whole)
    changed[position] = 0xff
    writeFileSync(path, changed)
    try {
      readElf(path)
    } catch (error) {
      expect(error).toBeInstanceOf(DamagedProgramError)
    }
  }
})
