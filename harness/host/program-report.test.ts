import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MadeElf, writeElf } from './elf.fixture.ts'
import { readElf } from './elf.ts'
import { describeProgram, inspectProgram } from './program-report.ts'

const host = readElf(process.execPath)?.machine ?? 0
let place: string
let libraries: string
let program: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'program-'))
  libraries = join(place, 'lib')
  program = join(place, 'program')
  mkdirSync(libraries)
  writeFileSync(join(place, 'loader'), '')
  library('libc.so.6', { defines: ['GLIBC_2.2.5', 'GLIBC_2.36', 'GLIBC_PRIVATE'] })
})

afterEach(() => {
  rmSync(place, { recursive: true })
})

function library(name: string, made: Omit<MadeElf, 'machine'>): void {
  writeElf(join(libraries, name), { machine: host, needed: [], ...made })
}

function dynamicProgram(made: Partial<MadeElf>): void {
  writeElf(program, {
    machine: host,
    interpreter: join(place, 'loader'),
    needed: ['libc.so.6'],
    rpath: libraries,
    ...made,
  })
}

describe('a program runs', () => {
  test('when it is this very one', () => {
    expect(inspectProgram(process.execPath).kind).toBe('runs')
  })

  test('when it is static', () => {
    writeElf(program, { machine: host })
    expect(inspectProgram(program)).toEqual({ kind: 'runs', path: program, linkage: 'static' })
  })

  test('when its libraries have the versions it was built for', () => {
    dynamicProgram({ requires: [['libc.so.6', 'GLIBC_2.36']] })
    expect(inspectProgram(program)).toEqual({ kind: 'runs', path: program, linkage: 'dynamic' })
  })

  test('when a newer version is wanted only weakly', () => {
    dynamicProgram({ requires: [['libc.so.6', 'GLIBC_2.38']], weak: true })
    expect(inspectProgram(program).kind).toBe('runs')
  })

  test('when a library asks for no version and offers none', () => {
    library('libplain.so', {})
    dynamicProgram({ needed: ['libplain.so'], requires: [['libplain.so', 'PLAIN_1']] })
    expect(inspectProgram(program).kind).toBe('runs')
  })

  test('when its RUNPATH is relative to itself', () => {
    dynamicProgram({ needed: ['libown.so'], rpath: '/nowhere', runpath: '$ORIGIN/lib' })
    library('libown.so', {})
    expect(inspectProgram(program).kind).toBe('runs')
  })

  test('when it is a script with an interpreter', () => {
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
    expect(inspectProgram(program)).toEqual({ kind: 'runs', path: program, linkage: 'script' })
  })
})

describe('a program does not run', () => {
  test('for want of a newer libc: says which', () => {
    dynamicProgram({
      requires: [
        ['libc.so.6', 'GLIBC_2.9'],
        ['libc.so.6', 'GLIBC_2.38'],
      ],
    })
    const report = inspectProgram(program)
    expect(report).toEqual({ kind: 'needs-newer-libc', path: program, needs: '2.38', has: '2.36' })
    expect(describeProgram(report)).toBe('is built for glibc 2.38, this host has 2.36')
  })

  test('for want of a newer libc that only one of its libraries needs', () => {
    library('libnew.so', { needed: ['libc.so.6'], rpath: libraries, requires: [['libc.so.6', 'GLIBC_2.40']] })
    dynamicProgram({ needed: ['libnew.so', 'libc.so.6'] })
    expect(inspectProgram(program)).toMatchObject({ kind: 'needs-newer-libc', needs: '2.40' })
  })

  test('for want of a library', () => {
    dynamicProgram({ needed: ['libc.so.6', 'libno-such.so.7'] })
    const report = inspectProgram(program)
    expect(report).toEqual({ kind: 'missing-library', path: program, names: ['libno-such.so.7'] })
    expect(describeProgram(report)).toContain('libno-such.so.7')
  })

  test('for want of a library of a library', () => {
    library('libouter.so', { needed: ['libinner.so.1'] })
    dynamicProgram({ needed: ['libouter.so'] })
    expect(inspectProgram(program)).toMatchObject({ kind: 'missing-library', names: ['libinner.so.1'] })
  })

  test('when a library of that name is for another machine', () => {
    writeElf(join(libraries, 'libother.so'), { machine: 9999, needed: [] })
    dynamicProgram({ needed: ['libother.so'] })
    expect(inspectProgram(program)).toMatchObject({ kind: 'missing-library', names: ['libother.so'] })
  })

  test('for want of a version of another library', () => {
    library('libcap.so.2', { defines: ['LIBCAP_1'] })
    dynamicProgram({ needed: ['libcap.so.2'], requires: [['libcap.so.2', 'LIBCAP_2']] })
    expect(inspectProgram(program)).toMatchObject({
      kind: 'missing-library',
      names: ['libcap.so.2 (LIBCAP_2)'],
    })
  })

  test('for want of its loader', () => {
    dynamicProgram({ interpreter: '/lib/ld-no-such.so' })
    expect(inspectProgram(program)).toMatchObject({ kind: 'missing-library', names: ['/lib/ld-no-such.so'] })
  })

  test('when it is for another machine', () => {
    writeElf(program, { machine: 9999 })
    expect(inspectProgram(program)).toMatchObject({ kind: 'other-architecture', is: 'machine 9999' })
  })

  test('when it may not be executed', () => {
    writeElf(program, { machine: host })
    chmodSync(program, 0o644)
    expect(inspectProgram(program).kind).toBe('not-executable')
  })

  test('when it is a directory', () => {
    expect(inspectProgram(place)).toMatchObject({ kind: 'not-executable', reason: 'it is not a file' })
  })

  test('when it is neither program nor script', () => {
    writeFileSync(program, 'hello\n', { mode: 0o755 })
    expect(inspectProgram(program)).toMatchObject({
      kind: 'not-executable',
      reason: expect.stringContaining('#!'),
    })
  })

  test('when the interpreter of the script is missing', () => {
    writeFileSync(program, '#! /no/such/shell -e\n', { mode: 0o755 })
    expect(inspectProgram(program)).toMatchObject({ kind: 'missing-library', names: ['/no/such/shell'] })
  })

  test('when it is cut off', () => {
    dynamicProgram({ requires: [['libc.so.6', 'GLIBC_2.36']] })
    truncateSync(program, 300)
    expect(inspectProgram(program)).toMatchObject({
      kind: 'not-executable',
      reason: 'it is cut off or damaged',
    })
  })

  test('when it is not there', () => {
    expect(inspectProgram(join(place, 'nothing'))).toEqual({ kind: 'missing', path: join(place, 'nothing') })
  })
})
