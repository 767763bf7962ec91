import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { describe, expect, test } from 'vitest'
import { architectures, ociArchitecture, seccompArchitectures } from './architectures.ts'
import { capabilitiesOfMask, capabilityNames, capabilityNumbers } from './capabilities.ts'
import { mountAttributes, mountFlags, mountOptions } from './mount-options.ts'
import { namespaceKinds, namespaceTypes } from './namespaces.ts'
import { rlimitNames, rlimitNumbers } from './rlimits.ts'
import { realTimeSignals, signalNumbers } from './signals.ts'

function kernelFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The numbers that `#define`s of a header give to names with a prefix. */
function definitions(header: string, prefix: string): Map<string, number> {
  const lines = header.matchAll(
    new RegExp(`^#\\s*define\\s+(${prefix}\\w+)\\s+(0x[0-9a-f]+|\\d+|\\(1\\s*<<\\s*\\d+\\))`, 'gim'),
  )
  return new Map(
    [...lines].map(([, name = '', value = '']) => {
      const shift = /<<\s*(\d+)/.exec(value)?.[1]
      return [name, shift === undefined ? Number(value) : 2 ** Number(shift)]
    }),
  )
}

describe('capabilities', () => {
  test('are 41, numbered in order', () => {
    expect(capabilityNames).toHaveLength(41)
    expect(new Set(capabilityNames).size).toBe(41)
    expect(capabilityNumbers.get('CAP_CHOWN')).toBe(0)
    expect(capabilityNumbers.get('CAP_SYS_ADMIN')).toBe(21)
    expect(capabilityNumbers.get('CAP_CHECKPOINT_RESTORE')).toBe(40)
  })

  test("reach up to this kernel's last", () => {
    const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'))
    expect(capabilityNames.length - 1).toBeGreaterThanOrEqual(last)
  })

  test('have the numbers of the kernel header', (context) => {
    const header = kernelFile('/usr/include/linux/capability.h')
    if (header === undefined) return context.skip('the kernel headers are not installed')
    const defined = definitions(header, 'CAP_')
    const listed = [...defined].filter(
      ([name]) => capabilityNumbers.has(name as never) || /^CAP_[A-Z]/.test(name),
    )
    expect(listed.filter(([name]) => name !== 'CAP_LAST_CAP')).toEqual([...capabilityNumbers])
  })

  test('are read from a mask', () => {
    expect(capabilitiesOfMask('0000000020000420')).toEqual([
      'CAP_KILL',
      'CAP_NET_BIND_SERVICE',
      'CAP_AUDIT_WRITE',
    ])
    expect(capabilitiesOfMask('000001ffffffffff')).toEqual([...capabilityNames])
    expect(capabilitiesOfMask('8000020000000000')).toEqual(['CAP_41', 'CAP_63'])
    expect(capabilitiesOfMask('0')).toEqual([])
  })
})

describe('rlimits', () => {
  test('are the sixteen of /proc/self/limits', () => {
    expect(rlimitNames).toHaveLength(16)
    expect(rlimitNumbers.get('RLIMIT_RTTIME')).toBe(15)
    expect(readFileSync('/proc/self/limits', 'utf8').trim().split('\n')).toHaveLength(17)
  })

  test('have the numbers of the kernel header', (context) => {
    const header = kernelFile('/usr/include/asm-generic/resource.h')
    if (header === undefined) return context.skip('the kernel headers are not installed')
    expect(definitions(header, 'RLIMIT_')).toEqual(rlimitNumbers)
  })
})

describe('signals', () => {
  test('are those of kill -l', () => {
    const printed = execFileSync('bash', ['-c', 'for n in $(seq 1 31); do echo $n $(kill -l $n); done'], {
      encoding: 'utf8',
    })
    const kernel = new Map(
      printed
        .trim()
        .split('\n')
        .map((line) => [`SIG${line.split(' ')[1]}`, Number(line.split(' ')[0])]),
    )
    const synonyms = ['SIGIOT', 'SIGPOLL']
    const own = Object.entries(signalNumbers).filter(([name]) => !synonyms.includes(name))
    expect(new Map(own)).toEqual(kernel)
    const [first, last] = execFileSync('bash', ['-c', 'kill -l RTMIN; kill -l RTMAX'], { encoding: 'utf8' })
      .trim()
      .split('\n')
    expect(realTimeSignals).toEqual({ first: Number(first), last: Number(last) })
  })

  test('are those of Node, synonyms included', () => {
    expect(signalNumbers).toEqual({ ...constants.signals })
  })
})

describe('namespaces', () => {
  test.for(namespaceKinds)('$type has a link in /proc', ({ link }, context) => {
    const path = `/proc/self/ns/${link}`
    if (!existsSync(path)) context.skip(`this kernel has no ${path}`)
    expect(readlinkSync(path)).toMatch(new RegExp(`^${link}:\\[\\d+\\]$`))
  })

  test('are each listed once', () => {
    expect(namespaceKinds.map(({ type }) => type)).toEqual([...namespaceTypes])
    expect(new Set(namespaceKinds.map(({ cloneFlag }) => cloneFlag)).size).toBe(8)
  })

  test('have the flags of the kernel header', (context) => {
    const header = kernelFile('/usr/include/linux/sched.h')
    if (header === undefined) return context.skip('the kernel headers are not installed')
    const defined = [...definitions(header, 'CLONE_NEW').values()]
    expect(namespaceKinds.map(({ cloneFlag }) => cloneFlag).sort()).toEqual(defined.sort())
  })
})

describe('mount options', () => {
  test('are each listed once', () => {
    const names = mountOptions.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    // The 61 rows of the specification, and rnodev.
    expect(names).toHaveLength(62)
  })

  test.for<[level: string, count: number]>([
    ['MUST', 37],
    ['SHOULD', 22],
    ['MAY', 3],
  ])('%s is said of %i', ([level, count]) => {
    expect(mountOptions.filter((option) => option.level === level)).toHaveLength(count)
  })

  test('come in pairs that undo each other', () => {
    const effect = (name: string) => mountOptions.find((option) => option.name === name)?.effect
    expect(effect('ro')).toEqual({ kind: 'flag', flag: mountFlags.MS_RDONLY, sets: true })
    expect(effect('rw')).toEqual({ kind: 'flag', flag: mountFlags.MS_RDONLY, sets: false })
    expect(effect('rdev')).toEqual({
      kind: 'recursive',
      attribute: mountAttributes.MOUNT_ATTR_NODEV,
      sets: false,
    })
    expect(effect('rslave')).toEqual({ kind: 'propagation', flag: mountFlags.MS_SLAVE, recursive: true })
  })

  test('have the numbers of the kernel header', (context) => {
    const header = kernelFile('/usr/include/linux/mount.h')
    if (header === undefined) return context.skip('the kernel headers are not installed')
    const defined = new Map([...definitions(header, 'MS_'), ...definitions(header, 'MOUNT_ATTR_')])
    for (const [name, value] of Object.entries({ ...mountFlags, ...mountAttributes })) {
      expect([name, defined.get(name)]).toEqual([name, value])
    }
  })
})

describe('architectures', () => {
  test("Node's names become those of the OCI", () => {
    expect(ociArchitecture('x64')).toBe('amd64')
    expect(ociArchitecture('arm64')).toBe('arm64')
    expect(ociArchitecture('vax')).toBe('vax')
  })

  test('this machine has one', () => {
    const here = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim()
    const known: Readonly<Record<string, string>> = {
      x86_64: 'amd64',
      aarch64: 'arm64',
      riscv64: 'riscv64',
      s390x: 's390x',
    }
    expect(ociArchitecture()).toBe(known[here] ?? ociArchitecture())
  })

  test('their seccomp names are in the specification', () => {
    for (const { seccomp } of architectures)
      expect(seccompArchitectures).toEqual(expect.arrayContaining([...seccomp]))
    expect(new Set(architectures.map(({ oci }) => oci)).size).toBe(architectures.length)
  })
})
