import { lstatSync, readFileSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Session } from '../guard/index.ts'
import { probeNeed, until } from '../host/index.ts'
import {
  edit,
  withCapabilities,
  withCwd,
  withEnv,
  withHostname,
  withNoNewPrivileges,
  withOomScoreAdj,
  withRlimit,
  withUser,
} from '../spec/index.ts'
import { InsideObservation } from './inside-observation.ts'
import { insideScript } from './inside-script.ts'
import { capabilitiesIn, parseIdMap, parseLimits, parseScheduling, splitAtNul } from './process-files.ts'
import { observeProcess, type ProcessObservation } from './process-observation.ts'

/** One container, seen from both sides: nothing about it is as it would be by default. */
interface BothSides {
  readonly session: Session
  readonly inside: InsideObservation
  readonly host: ProcessObservation
  /** Reads a file of the process's directory below /proc. */
  readonly file: (name: string) => string
}

let sides: BothSides | undefined

beforeAll(async () => {
  if ((await probeNeed('root')).met) sides = await lookFromBothSides()
})

afterAll(async () => {
  await sides?.session.close()
})

async function lookFromBothSides(): Promise<BothSides> {
  const session = await Session.open()
  const runtime = await session.runtime('runc')
  const bundles = await session.bundles('runc')
  const bundle = await bundles.createBusyboxBundle(
    'both-sides',
    // The newline keeps the shell alive: it reports and then waits, so both sides see the same process.
    ['sh', '-c', `${insideScript}\nsleep 1000\ntrue`],
    (spec) =>
      edit(
        spec,
        withUser({ uid: 1234, gid: 2345, additionalGids: [77, 78], umask: 0o027 }),
        withCwd('/tmp'),
        withEnv({ STRANGE: 'two\nlines, "quotes" and runwright-probe end -' }),
        withHostname('proving-ground'),
        withOomScoreAdj(333),
        withRlimit('RLIMIT_NOFILE', 100, 200),
        withRlimit('RLIMIT_CORE', 0, 0),
        withCapabilities(['CAP_KILL', 'CAP_CHOWN']),
        withNoNewPrivileges(true),
      ),
  )
  const container = await runtime.create(bundle)
  await container.start()
  const inside = await until(
    async () => {
      const text = await container.init.stdout()
      return text.includes('runwright-probe end -\n') ? new InsideObservation(text) : undefined
    },
    { timeoutMs: 10_000, what: 'the container to report' },
  )
  const pid = container.init.pid ?? Number.NaN
  const file = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
  return { session, inside, host: observeProcess(pid), file }
}

/** Each property of a report, and the same thing seen from the host. */
const properties: Readonly<
  Record<string, { inside: (report: InsideObservation) => unknown; host: (sides: BothSides) => unknown }>
> = {
  'user ids': { inside: (report) => report.uids, host: () => [1234, 1234, 1234, 1234] },
  'group ids': { inside: (report) => report.gids, host: () => [2345, 2345, 2345, 2345] },
  groups: {
    inside: (report) => report.groups,
    host: ({ host }) => host.status.get('Groups')?.trim().split(' ').map(Number),
  },
  capabilities: {
    inside: (report) => report.capabilities,
    host: ({ host }) => capabilitiesIn(host.status),
  },
  'no new privileges': {
    inside: (report) => report.statusField('NoNewPrivs'),
    host: ({ host }) => host.status.get('NoNewPrivs'),
  },
  seccomp: {
    inside: (report) => report.statusField('Seccomp'),
    host: ({ host }) => host.status.get('Seccomp'),
  },
  processors: {
    inside: (report) => report.processors,
    host: ({ host }) => host.status.get('Cpus_allowed_list'),
  },
  umask: {
    inside: (report) => report.umask,
    host: ({ host }) => Number.parseInt(host.status.get('Umask') ?? '', 8),
  },
  limits: { inside: (report) => report.limits, host: ({ file }) => parseLimits(file('limits')) },
  scheduling: { inside: (report) => report.scheduling, host: ({ file }) => parseScheduling(file('stat')) },
  environment: {
    inside: (report) => report.environment,
    host: ({ file }) => splitAtNul(file('environ')),
  },
  'command line': { inside: (report) => report.commandLine, host: ({ host }) => host.commandLine },
  mounts: { inside: (report) => report.mounts, host: ({ host }) => host.mounts },
  namespaces: { inside: (report) => report.namespaces, host: ({ host }) => host.namespaces },
  'user id mappings': {
    inside: (report) => report.uidMappings,
    host: ({ file }) => parseIdMap(file('uid_map')),
  },
  'group id mappings': {
    inside: (report) => report.gidMappings,
    host: ({ file }) => parseIdMap(file('gid_map')),
  },
  'score for the out-of-memory killer': {
    inside: (report) => report.oomScoreAdjustment,
    host: ({ file }) => Number(file('oom_score_adj')),
  },
  personality: {
    inside: (report) => report.personality,
    host: ({ file }) => Number.parseInt(file('personality'), 16),
  },
  'time offsets': { inside: (report) => report.timeOffsets, host: ({ file }) => file('timens_offsets') },
  'working directory': {
    inside: (report) => report.workingDirectory,
    host: ({ host }) => readlinkSync(`/proc/${host.pid}/cwd`),
  },
  interfaces: {
    inside: (report) => report.interfaces,
    host: ({ file }) =>
      file('net/dev')
        .match(/^\s*[^\s:|]+(?=:)/gm)
        ?.map((name) => name.trim()),
  },
  'controllers of the cgroups': {
    inside: (report) => [...report.cgroups.keys()],
    host: ({ host }) => [...host.cgroups.keys()],
  },
}

test.for(Object.entries(properties))(
  '%s are the same from inside and from the host',
  ([, sight], context) => {
    if (sides === undefined) return context.skip('containers take root')
    const seen = sight.inside(sides.inside)
    expect(seen).toBeDefined()
    expect(seen).toEqual(sight.host(sides))
  },
)

test('what is configured is what is seen', (context) => {
  if (sides === undefined) return context.skip('containers take root')
  const { inside } = sides
  expect(inside.groups).toEqual(expect.arrayContaining([77, 78]))
  expect(inside.umask).toBe(0o027)
  expect(inside.environment).toContain('STRANGE=two\nlines, "quotes" and runwright-probe end -')
  expect(inside.hostname).toBe('proving-ground')
  expect(inside.oomScoreAdjustment).toBe(333)
  expect(inside.limits.get('RLIMIT_NOFILE')).toEqual({ soft: 100n, hard: 200n })
  expect(inside.capabilities.bounding).toEqual(['CAP_CHOWN', 'CAP_KILL'])
  expect(inside.workingDirectory).toBe('/tmp')
  expect(inside.terminal).toBeUndefined()
})

test('devices have the numbers, modes and targets that the host sees', (context) => {
  if (sides === undefined) return context.skip('containers take root')
  const { inside, host } = sides
  expect(inside.devices.get('/dev/null')).toMatchObject({ kind: 'character device', major: 1, minor: 3 })
  for (const [path, file] of inside.devices) {
    const status = lstatSync(`/proc/${host.pid}/root${path}`)
    expect(file, path).toMatchObject({ mode: status.mode & 0o7777, uid: status.uid, gid: status.gid })
    const target = status.isSymbolicLink() ? readlinkSync(`/proc/${host.pid}/root${path}`) : undefined
    expect(file.target, path).toBe(target)
  }
})
