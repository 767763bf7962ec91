import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combine, type Edit, edit } from '../edits/edit.ts'
import { joinNamespace, withLinux, withoutNamespace, withUserNamespace } from '../edits/linux.ts'
import { withProcess, withRlimit } from '../edits/process.ts'
import { withoutValue, withValue } from '../edits/value.ts'
import { formatPath } from '../json/path.ts'
import { referenceSpec } from '../reference/reference-spec.ts'
import { json, pathsOf, sound, specs } from '../spec.fixture.ts'
import { formatProblem, type Severity } from './problem.ts'
import { type ProblemCode, problemKinds } from './problem-kinds.ts'
import { validateProcess, validateSpec } from './validate.ts'

const map = { containerID: 0, hostID: 100000, size: 65536 }
const nobody = { defaultAction: 'SCMP_ACT_ALLOW' } as const
const idmapped = {
  destination: '/m',
  source: '/s',
  options: ['bind', 'idmap'],
  uidMappings: [map],
  gidMappings: [map],
}

/** How the sound configuration is spoilt, and what has to be found then. */
const spoilt: readonly (readonly [code: ProblemCode, path: string, severity: Severity, spoil: Edit])[] = [
  ['WRONG_TYPE', 'process.args', 'error', withValue('process.args', 'sh')],
  ['WRONG_TYPE', 'process', 'error', withValue('process', [])],
  ['WRONG_TYPE', 'linux.resources.memory.limit', 'error', withValue('linux.resources.memory.limit', '5')],
  ['WRONG_TYPE', 'process.rlimits[0].soft', 'error', withValue('process.rlimits[0].soft', 0.5)],
  ['MISSING', 'ociVersion', 'error', withoutValue('ociVersion')],
  ['MISSING', 'process.cwd', 'error', withoutValue('process.cwd')],
  ['MISSING', 'mounts[1].destination', 'error', withoutValue('mounts[1].destination')],
  ['MISSING', 'root.path', 'error', withoutValue('root.path')],
  ['UNKNOWN_VALUE', 'process.rlimits[0].type', 'error', withValue('process.rlimits[0].type', 'RLIMIT_BOGUS')],
  ['UNKNOWN_VALUE', 'linux.namespaces[1].type', 'error', withValue('linux.namespaces[1].type', 'mnt')],
  ['UNKNOWN_VALUE', 'linux.rootfsPropagation', 'error', withValue('linux.rootfsPropagation', 'foo')],
  ['OUT_OF_RANGE', 'process.user.uid', 'error', withValue('process.user.uid', 2 ** 32)],
  ['OUT_OF_RANGE', 'process.rlimits[0].hard', 'error', withValue('process.rlimits[0].hard', 2n ** 64n)],
  [
    'OUT_OF_RANGE',
    'hooks.poststop[0].timeout',
    'error',
    withValue('hooks.poststop', [{ path: '/h', timeout: 0 }]),
  ],
  ['MALFORMED', 'linux.intelRdt.memBwSchema', 'error', withValue('linux.intelRdt', { memBwSchema: 'L3:0' })],
  [
    'EMPTY',
    'linux.seccomp.syscalls[0].names',
    'error',
    withValue('linux.seccomp', { ...nobody, syscalls: [{ names: [], action: 'SCMP_ACT_LOG' }] }),
  ],

  ['VERSION_MALFORMED', 'ociVersion', 'error', withValue('ociVersion', '1.0')],
  ['VERSION_MALFORMED', 'ociVersion', 'error', withValue('ociVersion', 'v1.0.0')],
  ['VERSION_MALFORMED', 'ociVersion', 'error', withValue('ociVersion', '')],
  ['ROOT_MISSING', 'root', 'error', withoutValue('root')],
  ['ROOT_PATH_EMPTY', 'root.path', 'error', withValue('root.path', '')],
  ['ANNOTATION_KEY_EMPTY', 'annotations[""]', 'error', withValue('annotations', { '': 'x', a: 'b' })],
  ['HOSTNAME_WITHOUT_UTS', 'hostname', 'warning', withoutNamespace('uts')],
  ['HOSTNAME_TOO_LONG', 'hostname', 'error', withValue('hostname', 'ä'.repeat(33))],
  ['DOMAINNAME_TOO_LONG', 'domainname', 'error', withValue('domainname', 'a'.repeat(65))],
  [
    'DOMAINNAME_WITHOUT_UTS',
    'domainname',
    'warning',
    combine(withoutValue('hostname'), withValue('domainname', 'd'), withoutNamespace('uts')),
  ],
  ['NUL_CHARACTER', 'process.args[1]', 'error', withValue('process.args', ['sh', 'a\u0000b'])],
  ['NUL_CHARACTER', 'process.env[1]', 'error', withValue('process.env[1]', 'A=\u0000')],
  ['NUL_CHARACTER', 'mounts[0].source', 'error', withValue('mounts[0].source', '\u0000')],

  ['PROCESS_MISSING', 'process', 'warning', withoutValue('process')],
  ['CWD_EMPTY', 'process.cwd', 'error', withValue('process.cwd', '')],
  ['CWD_RELATIVE', 'process.cwd', 'error', withValue('process.cwd', './x')],
  ['ARGS_EMPTY', 'process.args', 'error', withValue('process.args', [])],
  ['ARGS_EMPTY', 'process.args', 'error', withoutValue('process.args')],
  ['ENV_MALFORMED', 'process.env[1]', 'warning', withValue('process.env[1]', '=x')],
  [
    'CONSOLE_SIZE_IGNORED',
    'process.consoleSize',
    'warning',
    withValue('process.consoleSize', { height: 1, width: 1 }),
  ],
  [
    'RLIMIT_DUPLICATE',
    'process.rlimits[1].type',
    'error',
    withValue('process.rlimits[1]', { type: 'RLIMIT_NOFILE', soft: 1, hard: 1 }),
  ],
  [
    'RLIMIT_SOFT_OVER_HARD',
    'process.rlimits[0].soft',
    'error',
    withRlimit('RLIMIT_NOFILE', 2n ** 64n - 1n, 2 ** 40),
  ],
  [
    'CAPABILITY_UNKNOWN',
    'process.capabilities.bounding[1]',
    'warning',
    withValue('process.capabilities.bounding[1]', 'CAP_FLY'),
  ],
  [
    'CAPABILITY_UNKNOWN',
    'process.capabilities.ambient[0]',
    'warning',
    withValue('process.capabilities.ambient', ['KILL']),
  ],
  [
    'CAPABILITY_NOT_PERMITTED',
    'process.capabilities.effective[1]',
    'warning',
    withValue('process.capabilities.effective[1]', 'CAP_BPF'),
  ],
  [
    'IO_PRIORITY_RANGE',
    'process.ioPriority.priority',
    'error',
    withProcess({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 8 } }),
  ],
  ['OOM_SCORE_RANGE', 'process.oomScoreAdj', 'error', withValue('process.oomScoreAdj', 1001)],
  [
    'SCHEDULER_NICE_RANGE',
    'process.scheduler.nice',
    'error',
    withProcess({ scheduler: { policy: 'SCHED_OTHER', nice: 20 } }),
  ],
  [
    'SCHEDULER_PRIORITY_RANGE',
    'process.scheduler.priority',
    'error',
    withProcess({ scheduler: { policy: 'SCHED_FIFO', priority: 100 } }),
  ],
  [
    'SCHEDULER_PRIORITY_RANGE',
    'process.scheduler.priority',
    'error',
    withProcess({ scheduler: { policy: 'SCHED_BATCH', priority: 1 } }),
  ],
  ['UMASK_RANGE', 'process.user.umask', 'warning', withValue('process.user.umask', 0o1000)],
  [
    'CPU_LIST_MALFORMED',
    'process.execCPUAffinity.final',
    'error',
    withProcess({ execCPUAffinity: { final: '3-1' } }),
  ],
  [
    'CPU_LIST_MALFORMED',
    'linux.resources.cpu.cpus',
    'error',
    withValue('linux.resources.cpu', { cpus: 'all' }),
  ],

  ['MOUNT_DESTINATION_EMPTY', 'mounts[0].destination', 'error', withValue('mounts[0].destination', '')],
  [
    'MOUNT_DESTINATION_RELATIVE',
    'mounts[0].destination',
    'warning',
    withValue('mounts[0].destination', 'proc'),
  ],
  [
    'MOUNT_DESTINATION_RELATIVE',
    'mounts[0].destination',
    'error',
    combine(withValue('mounts[0].destination', 'proc'), withValue('ociVersion', '1.1.0')),
  ],
  [
    'MOUNT_BIND_WITHOUT_OPTION',
    'mounts[2].type',
    'warning',
    withValue('mounts[2]', { destination: '/m', type: 'bind', source: '/s' }),
  ],
  ['MOUNT_BIND_WITHOUT_SOURCE', 'mounts[1].source', 'error', withoutValue('mounts[1].source')],
  [
    'MOUNT_MAPPINGS_INCOMPLETE',
    'mounts[2].gidMappings',
    'error',
    withValue('mounts[2]', { ...idmapped, gidMappings: undefined }),
  ],
  [
    'MOUNT_MAPPINGS_INCOMPLETE',
    'mounts[2].uidMappings',
    'error',
    withValue('mounts[2]', { ...idmapped, uidMappings: [] }),
  ],
  [
    'MOUNT_MAPPINGS_WITHOUT_OPTION',
    'mounts[2].uidMappings',
    'warning',
    withValue('mounts[2]', { ...idmapped, options: ['bind'] }),
  ],
  [
    'MOUNT_IDMAP_WITHOUT_MAPPINGS',
    'mounts[1].options[1]',
    'error',
    withValue('mounts[1].options[1]', 'ridmap'),
  ],

  [
    'HOOK_PATH_RELATIVE',
    'hooks.startContainer[0].path',
    'error',
    withValue('hooks.startContainer', [{ path: 'bin/true' }]),
  ],

  [
    'NAMESPACE_DUPLICATE',
    'linux.namespaces[2].type',
    'error',
    withValue('linux.namespaces[2]', { type: 'uts' }),
  ],
  ['NAMESPACE_PATH_RELATIVE', 'linux.namespaces[0].path', 'error', joinNamespace('uts', 'proc/1/ns/uts')],
  [
    'USER_NAMESPACE_WITHOUT_MAPPINGS',
    'linux.namespaces[2]',
    'warning',
    withValue('linux.namespaces[2]', { type: 'user' }),
  ],
  ['USER_NAMESPACE_WITHOUT_MAPPINGS', 'linux.namespaces[2]', 'warning', withUserNamespace([map], [])],
  ['MAPPINGS_WITHOUT_USER_NAMESPACE', 'linux.uidMappings', 'warning', withLinux({ uidMappings: [map] })],
  ['MAPPING_EMPTY', 'linux.gidMappings[0].size', 'error', withUserNamespace([map], [{ ...map, size: 0 }])],
  [
    'MAPPING_RANGE',
    'linux.gidMappings[0].size',
    'error',
    withUserNamespace([map], [{ ...map, size: 2 ** 32 - 1 }]),
  ],
  [
    'MAPPING_OVERLAP',
    'linux.gidMappings[1].hostID',
    'error',
    withUserNamespace([map], [map, { containerID: 65536, hostID: 165535, size: 1 }]),
  ],
  [
    'MAPPING_EMPTY',
    'mounts[2].uidMappings[0].size',
    'error',
    withValue('mounts[2]', { ...idmapped, uidMappings: [{ ...map, size: 0 }] }),
  ],
  [
    'TIME_OFFSETS_WITHOUT_NAMESPACE',
    'linux.timeOffsets',
    'error',
    withLinux({ timeOffsets: { monotonic: { secs: 1 } } }),
  ],
  [
    'TIME_OFFSET_RANGE',
    'linux.timeOffsets.boottime.nanosecs',
    'error',
    combine(
      withLinux({ timeOffsets: { boottime: { nanosecs: 1e9 } } }),
      withValue('linux.namespaces[2]', { type: 'time' }),
    ),
  ],

  ['DEVICE_PATH_RELATIVE', 'linux.devices[0].path', 'error', withValue('linux.devices[0].path', 'dev/fuse')],
  ['DEVICE_NUMBERS_MISSING', 'linux.devices[0].minor', 'error', withoutValue('linux.devices[0].minor')],
  ['DEVICE_MODE_RANGE', 'linux.devices[0].fileMode', 'warning', withValue('linux.devices[0].fileMode', 666)],
  [
    'DEVICE_DUPLICATE',
    'linux.devices[1]',
    'warning',
    withValue('linux.devices[1]', { path: '/dev/f', type: 'c', major: 10n, minor: 229 }),
  ],
  [
    'DEVICE_RULE_TYPE',
    'linux.resources.devices[0].type',
    'error',
    withValue('linux.resources.devices[0].type', 'p'),
  ],
  [
    'DEVICE_RULE_ACCESS',
    'linux.resources.devices[0].access',
    'error',
    withValue('linux.resources.devices[0].access', 'rx'),
  ],

  [
    'MEMORY_LIMIT_RANGE',
    'linux.resources.memory.reservation',
    'error',
    withValue('linux.resources.memory', { reservation: -2 }),
  ],
  [
    'MEMORY_SWAP_BELOW_LIMIT',
    'linux.resources.memory.swap',
    'error',
    withValue('linux.resources.memory', { limit: 2n ** 60n, swap: 5 }),
  ],
  [
    'MEMORY_SWAPPINESS_RANGE',
    'linux.resources.memory.swappiness',
    'error',
    withValue('linux.resources.memory', { swappiness: 101 }),
  ],
  [
    'MEMORY_KERNEL_DISCOURAGED',
    'linux.resources.memory.kernelTCP',
    'warning',
    withValue('linux.resources.memory', { kernelTCP: 1 }),
  ],
  [
    'CPU_BURST_OVER_QUOTA',
    'linux.resources.cpu.burst',
    'error',
    withValue('linux.resources.cpu', { quota: 10, burst: 11 }),
  ],
  ['CPU_IDLE_RANGE', 'linux.resources.cpu.idle', 'error', withValue('linux.resources.cpu', { idle: 2 })],
  [
    'PIDS_LIMIT_RANGE',
    'linux.resources.pids.limit',
    'error',
    withValue('linux.resources.pids', { limit: -2 }),
  ],
  [
    'WEIGHT_DEVICE_WITHOUT_WEIGHT',
    'linux.resources.blockIO.weightDevice[0]',
    'error',
    withValue('linux.resources.blockIO', { weightDevice: [{ major: 8, minor: 0 }] }),
  ],
  ['RDMA_EMPTY', 'linux.resources.rdma.mlx5_1', 'error', withValue('linux.resources.rdma', { mlx5_1: {} })],
  [
    'UNIFIED_KEY_NOT_A_FILE',
    'linux.resources.unified["../x"]',
    'error',
    withValue('linux.resources.unified', { '../x': '1' }),
  ],

  [
    'SECCOMP_ERRNO_UNSUPPORTED',
    'linux.seccomp.defaultErrnoRet',
    'error',
    withValue('linux.seccomp', { ...nobody, defaultErrnoRet: 1 }),
  ],
  [
    'SECCOMP_ERRNO_UNSUPPORTED',
    'linux.seccomp.syscalls[0].errnoRet',
    'error',
    withValue('linux.seccomp', {
      ...nobody,
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_KILL', errnoRet: 1 }],
    }),
  ],
  [
    'SECCOMP_METADATA_WITHOUT_LISTENER',
    'linux.seccomp.listenerMetadata',
    'error',
    withValue('linux.seccomp', { ...nobody, listenerMetadata: 'm' }),
  ],
  [
    'SECCOMP_NOTIFY_WITHOUT_LISTENER',
    'linux.seccomp.syscalls[0].action',
    'error',
    withValue('linux.seccomp', { ...nobody, syscalls: [{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }] }),
  ],
  [
    'SECCOMP_NOTIFY_WITHOUT_LISTENER',
    'linux.seccomp.defaultAction',
    'error',
    withValue('linux.seccomp', { defaultAction: 'SCMP_ACT_NOTIFY' }),
  ],
  [
    'SECCOMP_ARGUMENT_INDEX',
    'linux.seccomp.syscalls[0].args[0].index',
    'error',
    withValue('linux.seccomp', {
      ...nobody,
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_LOG', args: [{ index: 6, value: 0, op: 'SCMP_CMP_EQ' }] },
      ],
    }),
  ],
  ['MASKED_PATH_RELATIVE', 'linux.maskedPaths[1]', 'error', withValue('linux.maskedPaths[1]', 'proc/x')],
  ['READONLY_PATH_RELATIVE', 'linux.readonlyPaths[1]', 'error', withValue('linux.readonlyPaths[1]', '')],
  [
    'PERSONALITY_FLAG_UNKNOWN',
    'linux.personality.flags[0]',
    'error',
    withLinux({ personality: { domain: 'LINUX', flags: ['FOO'] } }),
  ],
  [
    'INTEL_RDT_LINE_BREAK',
    'linux.intelRdt.schemata[0]',
    'error',
    withLinux({ intelRdt: { schemata: ['L3:0=f\n'] } }),
  ],
  [
    'INTEL_RDT_PREFIX',
    'linux.intelRdt.l3CacheSchema',
    'warning',
    withLinux({ intelRdt: { l3CacheSchema: 'MB:0=1' } }),
  ],
]

describe('validateSpec', () => {
  test('finds nothing wrong with the sound configuration', () => {
    expect(validateSpec(sound)).toEqual([])
  })

  test.for(spoilt)('finds %s at %s, %s', ([code, path, severity, spoil]) => {
    const problems = validateSpec(spoil(sound))
    expect(problems.map((problem) => [problem.code, problem.path, problem.severity])).toEqual([
      [code, path, severity],
    ])
    expect(problems[0]?.message).toMatch(
      /^(must|should|is|has|sets|makes|means|needs|does|cannot|counts|reaches|starts) /,
    )
    expect(problems[0]?.source).toMatch(/^config(-linux)?\.md#[a-z-]+|\(\d\)/)
  })

  test('knows no kind of problem that is not tried here', () => {
    const tried = new Set(spoilt.map(([code]) => code))
    const old: ProblemCode[] = ['PLATFORM_OS', 'PLATFORM_ARCH']
    expect([...tried, ...old].sort()).toEqual(Object.keys(problemKinds).sort())
  })

  const allowed: readonly (readonly [what: string, change: Edit])[] = [
    [
      'a joined user namespace without mappings',
      withValue('linux.namespaces[2]', { type: 'user', path: '/proc/1/ns/user' }),
    ],
    ['id mappings on a mount', withValue('mounts[2]', idmapped)],
    [
      'idmap from the user namespace',
      combine(withUserNamespace([map]), withValue('mounts[1].options[1]', 'idmap')),
    ],
    ['a FIFO without numbers', withValue('linux.devices[1]', { path: '/dev/fifo', type: 'p' })],
    [
      'no limits',
      withValue('linux.resources', {
        memory: { limit: -1, swap: -1 },
        pids: { limit: -1 },
        cpu: { quota: -1, burst: 5 },
      }),
    ],
    ['a limit of zero tasks', withValue('linux.resources.pids', { limit: 0 })],
    [
      'notification with a listener',
      withValue('linux.seccomp', { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/run/s' }),
    ],
    [
      'an errno for actions that have one',
      withValue('linux.seccomp', { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38 }),
    ],
    ['members the specification does not know', withValue('linux.x-own', { anything: 1 })],
    ['a version with a suffix', withValue('ociVersion', '1.0.0-rc1+dev.5')],
    ['an old version', withValue('ociVersion', '1.0.0')],
    ['unlimited', withRlimit('RLIMIT_CORE', 2n ** 64n - 1n)],
    ['neighbouring mappings', withUserNamespace([map, { containerID: 65536, hostID: 165536, size: 1 }])],
    ['a list of CPUs with blanks', withValue('linux.resources.cpu', { cpus: '0-1, 3', mems: '' })],
    [
      'remounting a bind mount',
      withValue('mounts[2]', { destination: '/m', type: 'bind', options: ['remount', 'ro'] }),
    ],
  ]
  test.for(allowed)('allows %s', ([, change]) => {
    expect(validateSpec(change(sound))).toEqual([])
  })

  test('finds all problems at once, in reading order, places unmoved', () => {
    const spec = edit(
      sound,
      withValue('ociVersion', 'x'),
      withValue('process.args', 5),
      withValue('process.cwd', 'x'),
      withValue('process.rlimits', [
        { type: 'RLIMIT_BOGUS', soft: 1, hard: 1 },
        { type: 'RLIMIT_CORE', soft: 2, hard: 1 },
        { type: 'RLIMIT_CORE', soft: 1, hard: 1 },
      ]),
      withValue('mounts', [{ destination: 5 }, { destination: '' }, 'x', { destination: '' }]),
      withoutValue('linux.devices[0].path'),
    )
    expect(validateSpec(spec).map(({ code, path }) => `${path} ${code}`)).toEqual([
      'ociVersion VERSION_MALFORMED',
      'process.cwd CWD_RELATIVE',
      'process.args WRONG_TYPE',
      'process.rlimits[0].type UNKNOWN_VALUE',
      'process.rlimits[1].soft RLIMIT_SOFT_OVER_HARD',
      'process.rlimits[2].type RLIMIT_DUPLICATE',
      'mounts[0].destination WRONG_TYPE',
      'mounts[1].destination MOUNT_DESTINATION_EMPTY',
      'mounts[2] WRONG_TYPE',
      'mounts[3].destination MOUNT_DESTINATION_EMPTY',
      'linux.devices[0].path MISSING',
    ])
  })

  test('does not repeat what only follows from a wrong shape', () => {
    const spec = edit(sound, withValue('linux.namespaces[0].type', 'utz'), withValue('linux.timeOffsets', {}))
    expect(validateSpec(spec).map(({ path }) => path)).toEqual(['linux.namespaces[0].type'])
  })

  test('shows the value and names the section', () => {
    const [problem] = validateSpec(withValue('process.user.uid', -5)(sound))
    expect(problem).toMatchObject({
      value: -5,
      steps: ['process', 'user', 'uid'],
      message: 'must be an integer from 0 to 4294967295, but is -5',
      source: 'config.md#posix-platform-user',
    })
    const [long] = validateSpec(withValue('process.cwd', 'x'.repeat(100))(sound))
    expect(long?.message).toBe(`must be an absolute path, but is "${'x'.repeat(60)}…"`)
  })

  test.for([null, undefined, 5, 'text', [], [1], () => 0, new Map()])('is not upset by %o', (value) => {
    const codes = validateSpec(value).map(({ code }) => code)
    expect(codes[0]).toMatch(/WRONG_TYPE|MISSING/)
  })

  test('never throws and changes nothing, whatever it is given', () => {
    const mutated = fc
      .tuple(specs, fc.array(fc.tuple(fc.nat(), json), { maxLength: 4 }))
      .map(([spec, changes]) =>
        changes.reduce((value, [number, replacement]) => {
          const paths = pathsOf(value).filter((path) => path.length > 0)
          return withValue(paths[number % paths.length] ?? ['x'], replacement)(value)
        }, spec),
      )
    fc.assert(
      fc.property(fc.oneof(mutated, json, fc.anything()), (value) => {
        const before = fc.stringify(value)
        for (const problem of validateSpec(value)) {
          expect(problem.path).toBe(formatPath(problem.steps))
          expect(formatProblem(problem)).toContain(problem.message)
        }
        expect(fc.stringify(value)).toBe(before)
      }),
      { numRuns: 300 },
    )
  })
})

describe('validateProcess', () => {
  test('holds a process file to the rules of the configuration', () => {
    expect(validateProcess(sound.process)).toEqual([])
    const process = { args: [], cwd: 'x', rlimits: [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }], env: [5] }
    expect(validateProcess(process).map(({ code, path, source }) => [code, path, source])).toEqual([
      ['ARGS_EMPTY', 'args', 'config.md#process'],
      ['CWD_RELATIVE', 'cwd', 'config.md#process'],
      ['RLIMIT_SOFT_OVER_HARD', 'rlimits[0].soft', 'setrlimit(2)'],
      ['WRONG_TYPE', 'env[0]', 'config.md#process'],
    ])
    expect(validateProcess(null)).toMatchObject([{ code: 'WRONG_TYPE', path: '' }])
    expect(validateProcess({ args: ['sh'] })).toMatchObject([{ code: 'MISSING', path: 'cwd' }])
  })
})

describe('configurations of the oldest profile', () => {
  const profile = 'runc-1.0.0-rc3'
  const old = referenceSpec({ profile })

  test('are sound on the machine they are for', () => {
    const problems = validateSpec(old, { profile }).filter(({ severity }) => severity === 'error')
    expect(problems).toEqual([])
  })

  test('are refused for another machine', () => {
    const foreign = { ...old, platform: { os: 'solaris', arch: 'sparc64' } }
    expect(validateSpec(foreign, { profile })).toMatchObject([
      {
        code: 'PLATFORM_OS',
        path: 'platform.os',
        value: 'solaris',
        message: 'must be this machine\'s, linux, but is "solaris"',
      },
      { code: 'PLATFORM_ARCH', path: 'platform.arch' },
    ])
  })

  test('have to have a platform, and one list of capabilities', () => {
    const { platform: _, ...rest } = old
    const spec = { ...rest, process: { ...old.process, capabilities: { bounding: [] } } }
    expect(validateSpec(spec, { profile })).toMatchObject([
      { code: 'MISSING', path: 'platform' },
      { code: 'WRONG_TYPE', path: 'process.capabilities' },
    ])
    const unknown = { ...old, process: { ...old.process, capabilities: ['CAP_KILL', 'CAP_FLY'] } }
    expect(validateSpec(unknown, { profile })).toMatchObject([
      { code: 'CAPABILITY_UNKNOWN', path: 'process.capabilities[1]' },
    ])
  })

  test("are not today's, whose platform is nobody's business", () => {
    expect(validateSpec(old).map(({ path }) => path)).toEqual(['process.capabilities'])
    expect(validateSpec({ ...sound, platform: { os: 'solaris' } })).toEqual([])
  })
})
