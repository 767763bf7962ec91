import { describe, expect, test } from 'vitest'
import { gardenSeccompProfile, type SeccompProfileName } from './seccomp.ts'
import { allowedSystemCalls } from './system-calls.ts'

function ruleOf(profile: SeccompProfileName, name: string) {
  return (gardenSeccompProfile(profile).syscalls ?? []).filter((rule) => rule.names.includes(name))
}

describe('the table of allowed system calls', () => {
  test('has each once, in order, spelt like system calls', () => {
    expect([...new Set(allowedSystemCalls)].sort()).toEqual(allowedSystemCalls)
    for (const name of allowedSystemCalls) expect(name).toMatch(/^_?[a-z][a-z0-9_]+$/)
  })

  test.each([
    'add_key',
    'bpf',
    'clone',
    'delete_module',
    'finit_module',
    'init_module',
    'io_uring_setup',
    'kexec_load',
    'keyctl',
    'mount',
    'open_by_handle_at',
    'perf_event_open',
    'pivot_root',
    'reboot',
    'setns',
    'settimeofday',
    'swapon',
    'umount2',
    'unshare',
    'userfaultfd',
  ])('does not have %s', (name) => {
    expect(allowedSystemCalls).not.toContain(name)
  })
})

describe('gardenSeccompProfile', () => {
  test.each<SeccompProfileName>(['default', 'fuse'])(
    '%s refuses by default, on five architectures',
    (name) => {
      expect(gardenSeccompProfile(name)).toMatchObject({
        defaultAction: 'SCMP_ACT_ERRNO',
        architectures: [
          'SCMP_ARCH_X86_64',
          'SCMP_ARCH_X86',
          'SCMP_ARCH_X32',
          'SCMP_ARCH_ARM',
          'SCMP_ARCH_AARCH64',
        ],
      })
    },
  )

  test.each<SeccompProfileName>(['default', 'fuse'])('%s allows three personalities', (name) => {
    expect(ruleOf(name, 'personality')).toEqual(
      [0, 8, 0xffffffff].map((value) => ({
        names: ['personality'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value, op: 'SCMP_CMP_EQ' }],
      })),
    )
  })

  test('default lets processes be made, but no namespaces', () => {
    expect(ruleOf('default', 'clone')).toEqual([
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: 2080505856, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ])
    expect(ruleOf('default', 'clone3')).toEqual([
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ])
    expect(ruleOf('default', 'setns')).toEqual([])
  })

  test('fuse begins with what mounting needs', () => {
    expect(gardenSeccompProfile('fuse').syscalls?.[0]).toEqual({
      names: [
        'clone',
        'clone3',
        'keyctl',
        'mount',
        'mount_setattr',
        'move_mount',
        'pidfd_getfd',
        'pivot_root',
        'sethostname',
        'umount',
        'umount2',
        'unshare',
      ],
      action: 'SCMP_ACT_ALLOW',
    })
    expect(ruleOf('fuse', 'setns')).toMatchObject([
      { args: [{ index: 1, value: 0x20000, op: 'SCMP_CMP_EQ' }] },
    ])
  })

  test.each<SeccompProfileName>(['default', 'fuse'])('%s never says two things about a call', (name) => {
    const unconditional = (gardenSeccompProfile(name).syscalls ?? []).filter(
      (rule) => rule.args === undefined,
    )
    const names = unconditional.flatMap((rule) => rule.names)
    expect(new Set(names).size).toBe(names.length)
    const conditional = (gardenSeccompProfile(name).syscalls ?? []).filter((rule) => rule.args !== undefined)
    for (const rule of conditional) expect(names).not.toContain(rule.names[0])
  })

  test('is the caller’s own', () => {
    gardenSeccompProfile('default').syscalls?.[0]?.names.splice(0)
    expect(gardenSeccompProfile('default').syscalls?.[0]?.names).toEqual(allowedSystemCalls)
  })
})
