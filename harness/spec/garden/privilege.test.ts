import { describe, expect, test } from 'vitest'
import { GardenPrivilegeError } from './errors.ts'
import { type Privilege, parsePrivilegedMode } from './privilege.ts'
import { treatmentOf } from './treatment.ts'

describe('parsePrivilegedMode', () => {
  test.each([
    ['full', 'full'],
    ['IGNORE', 'ignore'],
    ['Fuse-Only', 'fuse-only'],
  ])('reads %s', (text, mode) => {
    expect(parsePrivilegedMode(text)).toBe(mode)
  })

  test.each(['', 'fuse', ' full'])('refuses %j', (text) => {
    expect(() => parsePrivilegedMode(text)).toThrow(
      new GardenPrivilegeError(`unsupported value for PrivilegedMode: ${text}`),
    )
  })
})

describe('treatmentOf', () => {
  test('ignoring privilege is being unprivileged', () => {
    expect(treatmentOf({ kind: 'privileged', mode: 'ignore' })).toEqual(treatmentOf({ kind: 'unprivileged' }))
    expect(treatmentOf()).toEqual(treatmentOf({ kind: 'unprivileged' }))
  })

  test('full is all there is, with the host as it is', () => {
    expect(treatmentOf({ kind: 'privileged', mode: 'full' })).toMatchObject({
      userNamespace: false,
      ownCgroup: false,
      seccomp: undefined,
      fuseDevice: true,
      writableKernelFileSystems: true,
      hiddenKernelPaths: false,
      noNewPrivileges: false,
    })
  })

  test('fuse-only is unprivileged but for mounting', () => {
    const { capabilities, ...rest } = treatmentOf({ kind: 'privileged', mode: 'fuse-only' })
    expect(capabilities).toContain('CAP_SYS_ADMIN')
    expect(rest).toMatchObject({ userNamespace: true, ownCgroup: true, seccomp: 'fuse', fuseDevice: true })
  })

  test('refuses what programs without types hand over', () => {
    const nonsense: Privilege = JSON.parse('{ "kind": "root" }')
    expect(() => treatmentOf(nonsense)).toThrow('unknown privilege {"kind":"root"}')
    const mode: Privilege = JSON.parse('{ "kind": "privileged", "mode": "all" }')
    expect(() => treatmentOf(mode)).toThrow('unsupported value for PrivilegedMode: all')
  })
})
