import coerce from 'semver/functions/coerce.js'
import gt from 'semver/functions/gt.js'
import gte from 'semver/functions/gte.js'
import valid from 'semver/functions/valid.js'
import * as v from 'valibot'
import { capabilitiesIn, observeProcess } from '../harness/probe/index.ts'
import {
  addMount,
  addNamespace,
  type Edit,
  featuresSchema,
  gardenSeccompProfile,
  hookKinds,
  type JsonValue,
  type Mount,
  type NamespaceType,
  namespaceTypes,
  parseJson,
  withCapabilities,
  withUserNamespace,
  withValue,
} from '../harness/spec/index.ts'
import { type DeclareTest, type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { endOf } from './containers.ts'
import { recorderOf } from './hook-containers.ts'
import { sleeping } from './programs.ts'

const needs: readonly Need[] = ['runtime:features']

/** The members that the structure has, with the version of the specification in which each came. */
const members: Readonly<Record<string, string>> = {
  ociVersionMin: '1.1.0',
  ociVersionMax: '1.1.0',
  hooks: '1.1.0',
  mountOptions: '1.1.0',
  annotations: '1.1.0',
  potentiallyUnsafeConfigAnnotations: '1.2.0',
  linux: '1.1.0',
  'linux.namespaces': '1.1.0',
  'linux.capabilities': '1.1.0',
  'linux.cgroup': '1.1.0',
  'linux.cgroup.v1': '1.1.0',
  'linux.cgroup.v2': '1.1.0',
  'linux.cgroup.systemd': '1.1.0',
  'linux.cgroup.systemdUser': '1.1.0',
  'linux.cgroup.rdma': '1.1.0',
  'linux.seccomp': '1.1.0',
  'linux.seccomp.enabled': '1.1.0',
  'linux.seccomp.actions': '1.1.0',
  'linux.seccomp.operators': '1.1.0',
  'linux.seccomp.archs': '1.1.0',
  'linux.seccomp.knownFlags': '1.1.0',
  'linux.seccomp.supportedFlags': '1.1.0',
  'linux.apparmor': '1.1.0',
  'linux.apparmor.enabled': '1.1.0',
  'linux.selinux': '1.1.0',
  'linux.selinux.enabled': '1.1.0',
  'linux.intelRdt': '1.1.0',
  'linux.intelRdt.enabled': '1.1.0',
  'linux.intelRdt.schemata': '1.3.0',
  'linux.intelRdt.monitoring': '1.3.0',
  'linux.memoryPolicy': '1.3.0',
  'linux.memoryPolicy.modes': '1.3.0',
  'linux.memoryPolicy.flags': '1.3.0',
  'linux.mountExtensions': '1.2.0',
  'linux.mountExtensions.idmap': '1.2.0',
  'linux.mountExtensions.idmap.enabled': '1.2.0',
  'linux.netDevices': '1.3.0',
  'linux.netDevices.enabled': '1.3.0',
}

/** Options that say something of another mount, or take more than themselves: other suites are about them. */
const dependentOptions: readonly string[] = [
  'remount',
  'idmap',
  'ridmap',
  'copy-symlink',
  'src-nofollow',
  'dest-nofollow',
]

/** Options that make a mount a bind mount. */
const bindOptions: readonly string[] = ['bind', 'rbind']

const attribute = '(no)?(suid|dev|exec|atime|diratime|relatime|strictatime|mand|symfollow)'
const recursive = new RegExp(`^r(ro|rw|sync|async|dirsync|${attribute})$`)
const isRecursive = (option: string) => recursive.test(option)

/** Kinds of mount option: what a runtime does wrong with one says nothing of the others. */
const optionGroups: Readonly<Record<string, (option: string) => boolean>> = {
  "the mount option 'defaults'": (option) => option === 'defaults',
  'every recursive mount option': isRecursive,
  'every other mount option': (option) => option !== 'defaults' && !isRecursive(option),
}

/** System calls that neither a runtime nor a sleeping program makes, one for each thing to be listed. */
const idleCalls = [
  'acct',
  'swapon',
  'swapoff',
  'reboot',
  'settimeofday',
  'mknodat',
  'linkat',
  'symlinkat',
  'quotactl',
]

/** The structure as the runtime prints it. */
async function printed({ runtime, expect }: TestContext): Promise<JsonValue> {
  const answer = await runtime.command(['features'])
  expect(answer).toHaveExited(0)
  return parseJson(answer.stdout)
}

/** The members of a structure and of those in it, by path; what annotations hold is free. */
function pathsIn(value: JsonValue, prefix = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    return path === 'annotations' ? [path] : [path, ...pathsIn(inner, `${path}.`)]
  })
}

/** Creates a container with what is listed, and one with what no list can hold, which must not be accepted. */
async function expectRecognized(
  { bundles, runtime, control, id, expect }: TestContext,
  what: string,
  { listed, unheardOf }: { readonly listed: Edit; readonly unheardOf: Edit },
): Promise<void> {
  const unknown = await bundles.busybox(`${what}-unheard-of`, sleeping, unheardOf)
  await control('what the runtime does not know is refused', async () => {
    await expect(runtime.command(['create', '--bundle', unknown.path, id('unheard-of')])).toBeRefused()
  })
  const container = await runtime.create(await bundles.busybox(what, sleeping, listed))
  await expect(container).toHaveStatus('created')
}

function declareStructure(test: DeclareTest): void {
  test('features prints the structure of the specification', {
    covers: [
      'features-may-be-provided',
      'features-ociversionmin-required',
      'features-ociversionmax-required',
    ],
    needs,
  }, async (context) => {
    const structure = await printed(context)
    context.expect(v.safeParse(featuresSchema, structure).issues ?? []).toEqual([])
  })

  test('the versions that features names are versions, and the newest is not older than the oldest', {
    covers: [
      'features-ociversionmin-required',
      'features-ociversionmax-required',
      'features-ociversionmax-not-below-min',
    ],
    needs,
  }, async ({ runtime, expect }) => {
    const { ociVersionMin, ociVersionMax } = await runtime.features()
    expect(valid(ociVersionMin), `'${ociVersionMin}' as a SemVer version`).not.toBeNull()
    expect(valid(ociVersionMax), `'${ociVersionMax}' as a SemVer version`).not.toBeNull()
    expect(gte(ociVersionMax, ociVersionMin)).toBe(true)
  })

  for (const [end, covers] of [
    ['ociVersionMin', 'features-ociversionmin-accepted'],
    ['ociVersionMax', 'features-ociversionmax-accepted'],
  ] as const) {
    test(`a configuration of the version that features names as ${end} is accepted`, {
      covers: [covers, 'ociversion-compatibility'],
      needs,
    }, async ({ bundles, runtime, expect }) => {
      const version = (await runtime.features())[end]
      const bundle = await bundles.busybox(end, ['echo', 'ran'], withValue('ociVersion', version))
      expect(await runtime.run(bundle)).toHavePrinted('ran\n')
    })
  }

  test('features holds no member that the newest version it names does not have', {
    covers: ['features-no-undefined-properties'],
    needs,
  }, async (context) => {
    const { ociVersionMax } = await context.runtime.features()
    const newest = coerce(ociVersionMax) ?? ociVersionMax
    const foreign = pathsIn(await printed(context)).filter((path) => {
      const since = Object.hasOwn(members, path) ? members[path] : undefined
      return since === undefined || gt(since, newest)
    })
    context.expect(foreign).toEqual([])
  })

  test('features prints the same again', {
    covers: ['features-compile-time'],
    needs,
  }, async (context) => {
    const first = await printed(context)
    await context.control('what is printed tells of features', async () => {
      context.expect(first).toHaveProperty('ociVersionMin')
    })
    context.expect(await printed(context)).toEqual(first)
  })

  test('the annotations of features are texts by names that are not empty', {
    covers: ['features-annotations-conventions'],
    needs,
  }, async ({ runtime, expect }) => {
    const { annotations } = await runtime.features()
    expect(Object.keys(annotations ?? {})).not.toContain('')
    for (const [name, value] of Object.entries(annotations ?? {})) expect(value, name).toBeTypeOf('string')
  })

  test('the flags of filters that features says to be supported are among those it says to be known', {
    covers: ['features-seccomp-supportedflags-optional'],
    needs,
  }, async ({ runtime, expect }) => {
    const { knownFlags, supportedFlags } = (await runtime.features()).linux?.seccomp ?? {}
    expect(knownFlags ?? supportedFlags ?? []).toEqual(expect.arrayContaining([...(supportedFlags ?? [])]))
  })
}

function declareLists(test: DeclareTest): void {
  test('hooks of every kind that features lists run', {
    covers: ['features-hooks-supported'],
    needs,
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const { hooks } = await runtime.features()
    const listed = hookKinds.filter((kind) => hooks?.includes(kind))
    expect(hooks ?? []).toEqual(expect.arrayContaining(listed))
    expect(listed).toHaveLength(hooks?.length ?? 0)
    const recorder = await recorderOf(context)
    const edit = recorder.with(...listed.map((kind) => recorder.hook(kind)))
    const container = await runtime.create(await bundles.busybox('hooks', sleeping, edit))
    await container.start()
    if (listed.includes('startContainer')) await recorder.untilRan('startContainer')
    await endOf(container)
    await container.delete()
    expect([...(await recorder.ran())].sort()).toEqual([...listed].sort())
  })

  for (const [group, belongs] of Object.entries(optionGroups)) {
    test(`${group} that features lists is recognized`, {
      covers: ['features-mountoptions-recognized'],
      needs,
    }, async (context) => {
      const { runtime, temporaryDirectory } = context
      const { mountOptions } = await runtime.features()
      const source = await temporaryDirectory()
      // A tmpfs refuses data it does not know, so an option that is handed on to it unrecognized does not pass.
      const mountOf = (option: string): Mount => ({
        destination: `/mnt/${option}`,
        ...(bindOptions.includes(option)
          ? { type: 'bind', source, options: [option] }
          : { type: 'tmpfs', source: 'tmpfs', options: [option] }),
      })
      const base: Mount = { destination: '/mnt', type: 'tmpfs', source: 'tmpfs' }
      const options = (mountOptions ?? []).filter(
        (option) => !dependentOptions.includes(option) && belongs(option),
      )
      await expectRecognized(context, group.replaceAll(/[^a-z]+/g, '-'), {
        listed: addMount(base, ...options.map(mountOf)),
        unheardOf: addMount(base, mountOf('nosuchoption')),
      })
    })
  }

  test('features lists no mount option of one file system (SHOULD NOT)', {
    covers: ['features-mountoptions-no-fs-specific'],
    needs,
  }, async ({ runtime, expect }) => {
    const ofTmpfs = ['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'huge', 'mpol']
    const { mountOptions } = await runtime.features()
    expect((mountOptions ?? []).filter((option) => ofTmpfs.includes(option.split('=')[0] ?? ''))).toEqual([])
  })

  test('every type of namespace that features lists is recognized', {
    covers: ['features-namespaces-recognized'],
    needs: [...needs, 'user-namespace', 'cgroup-namespace', 'time-namespace'],
  }, async (context) => {
    const { runtime, bundles, expect } = context
    const listed = (await runtime.features()).linux?.namespaces ?? []
    const known = namespaceTypes.filter((type) => listed.includes(type))
    expect(known).toHaveLength(listed.length)
    const mapping = { containerID: 0, hostID: 0, size: 65_536 }
    const withType = (type: NamespaceType) =>
      type === 'user' ? withUserNamespace([mapping]) : addNamespace(type)
    for (const type of known) {
      const container = await runtime.create(
        await bundles.busybox(`namespace-${type}`, sleeping, withType(type)),
      )
      await expect(container, type).toHaveStatus('created')
    }
  })

  test('every capability that features lists is recognized', {
    covers: ['features-capabilities-recognized'],
    needs,
  }, async ({ runtime, observe, expect }) => {
    const listed = (await runtime.features()).linux?.capabilities ?? []
    const own = capabilitiesIn(observeProcess(process.pid).status)?.bounding ?? []
    const grantable = listed.filter((name) => own.includes(name))
    const inside = await observe('capabilities', withCapabilities(grantable))
    expect([...inside.capabilities.bounding].sort()).toEqual([...grantable].sort())
  })

  test('every action of filters that features lists is recognized', {
    covers: ['features-seccomp-actions-recognized'],
    needs: [...needs, 'seccomp'],
  }, async (context) => {
    const { actions } = (await context.runtime.features()).linux?.seccomp ?? {}
    // To notify takes a listener; the suite of the listener is about it.
    const plain = (actions ?? []).filter((action) => action !== 'SCMP_ACT_NOTIFY')
    const rules = (names: readonly string[]) => withRules(names.map((action) => ({ action })))
    await expectRecognized(context, 'actions', { listed: rules(plain), unheardOf: rules(['SCMP_ACT_SING']) })
  })

  test('every operator of filters that features lists is recognized', {
    covers: ['features-seccomp-operators-recognized'],
    needs: [...needs, 'seccomp'],
  }, async (context) => {
    const { operators } = (await context.runtime.features()).linux?.seccomp ?? {}
    const rules = (names: readonly string[]) =>
      withRules(names.map((op) => ({ action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: 7, op }] })))
    await expectRecognized(context, 'operators', {
      listed: rules(operators ?? []),
      unheardOf: rules(['SCMP_CMP_ROUGHLY']),
    })
  })

  test('every architecture of filters that features lists and this machine can filter is recognized', {
    covers: ['features-seccomp-archs-recognized'],
    needs: [...needs, 'seccomp'],
  }, async (context) => {
    const { archs } = (await context.runtime.features()).linux?.seccomp ?? {}
    const { architectures = [] } = gardenSeccompProfile('default')
    const sameEnds: readonly string[] = architectures
    const filter = (names: readonly string[]) =>
      withValue('linux.seccomp', { defaultAction: 'SCMP_ACT_ALLOW', architectures: names })
    await expectRecognized(context, 'architectures', {
      listed: filter((archs ?? []).filter((name) => sameEnds.includes(name))),
      unheardOf: filter(['SCMP_ARCH_ABACUS']),
    })
  })

  for (const [member, covers] of [
    ['knownFlags', 'features-seccomp-knownflags-recognized'],
    ['supportedFlags', 'features-seccomp-supportedflags-supported'],
  ] as const) {
    test(`a filter with the ${member} that features lists takes effect`, {
      covers: [covers],
      needs: [...needs, 'seccomp'],
    }, async ({ runtime, observe, expect }) => {
      const flags = (await runtime.features()).linux?.seccomp?.[member] ?? []
      // The flag is about waiting for a listener, and takes one.
      const plain = flags.filter((flag) => flag !== 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV')
      const filter = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['acct'], action: 'SCMP_ACT_ERRNO' }],
      }
      const inside = await observe(member, withValue('linux.seccomp', { ...filter, flags: plain }))
      expect(inside.statusField('Seccomp')).toBe('2')
    })
  }

  for (const [member, covers] of [
    ['modes', 'features-memorypolicy-modes-recognized'],
    ['flags', 'features-memorypolicy-flags-recognized'],
  ] as const) {
    test(`the memory policy ${member} that features lists are recognized`, {
      covers: [covers],
      needs: [...needs, 'memory-policy'],
    }, async ({ bundles, runtime, expect }) => {
      const listed = (await runtime.features()).linux?.memoryPolicy?.[member] ?? []
      for (const name of listed) {
        const policy =
          member === 'modes'
            ? { mode: name, ...(/DEFAULT|LOCAL/.test(name) ? {} : { nodes: '0' }) }
            : { mode: 'MPOL_BIND', nodes: '0', flags: [name] }
        const bundle = await bundles.busybox(
          `policy-${name}`,
          sleeping,
          withValue('linux.memoryPolicy', policy),
        )
        await expect(await runtime.create(bundle), name).toHaveStatus('created')
      }
    })
  }
}

/** A filter with these rules, whatever they hold. */
function withRules(rules: readonly object[]): Edit {
  const syscalls = rules.map((rule, index) => ({ names: [idleCalls[index % idleCalls.length]], ...rule }))
  return withValue('linux.seccomp', { defaultAction: 'SCMP_ACT_ALLOW', syscalls })
}

export const features = suite('features', ({ test }) => {
  declareStructure(test)
  declareLists(test)
})
