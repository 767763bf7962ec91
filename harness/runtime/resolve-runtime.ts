import { closeSync } from 'node:fs'
import { basename } from 'node:path'
import {
  cgroupLayout,
  createMemoryFile,
  describeProgram,
  locateProgram,
  type ProgramReport,
  startProgram,
} from '../host/index.ts'
import { readBounded } from './bounded-text.ts'
import { RuntimeNotFoundError } from './errors.ts'
import {
  genericProfile,
  lackedBy,
  profileNamed,
  type RuntimeFeature,
  type RuntimeProfile,
  runtimeProfiles,
} from './profiles.ts'
import { programIdentity } from './program-identity.ts'
import { parseVersion, type RuntimeVersion } from './version.ts'

/** A runtime of this machine, ready for `new Runtime({ …resolved, root, directory })`. */
export interface ResolvedRuntime {
  /** What the user called it: the profile's name, or the path that was given. */
  readonly name: string
  /** Name of its profile; of a runtime that none fits, what it calls itself. */
  readonly profile: string
  /** Absolute path of the program. */
  readonly command: string
  /** Words to put in front of the command on this host. */
  readonly prefix: readonly string[]
  /** Global options to give it. */
  readonly arguments: readonly string[]
  /** What it is known not to offer. */
  readonly lacks: readonly RuntimeFeature[]
  /** What it says about itself; undefined when `--version` failed. */
  readonly version: RuntimeVersion | undefined
}

/**
 * Finds a runtime by the name of a profile, the name of a program on PATH or among those that were downloaded
 * (`runc@1.3`), or a path. Which profile fits a program is found by asking it: by the first word that its `--version`
 * prints.
 *
 * @throws RuntimeNotFoundError, which says what to do
 */
export async function resolveRuntime(nameOrPath: string): Promise<ResolvedRuntime> {
  const named = profileNamed(nameOrPath)
  const located = nameOrPath === '' ? undefined : await locateProgram(named?.command ?? nameOrPath)
  if (located === undefined) throw notFound(nameOrPath, named)
  if (located.kind !== 'runs') throw notRunning(located)
  const command = located.path
  const version = await versionOf(command)
  const profile =
    named ?? profileNamed(version?.name ?? '') ?? genericProfile(version?.name ?? basename(command), command)
  return {
    name: nameOrPath,
    profile: profile.name,
    command,
    prefix: profile.prefixOn({ cgroups: cgroupLayout() }),
    arguments: profile.arguments,
    lacks: lackedBy(profile, version?.version),
    version,
  }
}

/** A program that the loader would refuse, such as one built for a newer libc, is told as such and not run. */
function notRunning(program: ProgramReport): RuntimeNotFoundError {
  return new RuntimeNotFoundError(
    `${program.path} ${describeProgram(program)}: give a runtime built for this host, or get one with the libraries ` +
      "it needs by 'runwright setup NAME --suite SUITE'",
  )
}

function notFound(nameOrPath: string, profile: RuntimeProfile | undefined): RuntimeNotFoundError {
  const names = runtimeProfiles.map(({ name }) => name).join(', ')
  if (nameOrPath.includes('/')) {
    return new RuntimeNotFoundError(
      `${nameOrPath} is no executable file: give the path of a runtime, or one of ${names}`,
    )
  }
  const advice = profile?.package === undefined ? '' : `get it with 'runwright setup ${profile.name}', or `
  return new RuntimeNotFoundError(
    `there is no program ${JSON.stringify(profile?.command ?? nameOrPath)} on PATH, among the system's or downloaded: ` +
      `${advice}give the path of a runtime, or one of ${names} that is installed`,
  )
}

const versionMs = 10_000
const versionBytes = 65_536

/** What programs have answered, by the file they were then: a run resolves its runtime for every test. */
const answers = new Map<string, Promise<RuntimeVersion | undefined>>()

async function versionOf(command: string): Promise<RuntimeVersion | undefined> {
  const key = programIdentity(command)
  const answer = answers.get(key) ?? askVersion(command)
  answers.set(key, answer)
  return await answer
}

/** @throws RuntimeNotFoundError when the file is no program that this machine can run */
async function askVersion(command: string): Promise<RuntimeVersion | undefined> {
  const output = createMemoryFile()
  try {
    const end = await startProgram({
      argv: [command, '--version'],
      workingDirectory: '/',
      environment: process.env,
      descriptors: ['ignore', output, 'ignore'],
      timeoutMs: versionMs,
      graceMs: 500,
      signals: [],
    }).ended
    if (end.kind === 'not-started')
      throw new RuntimeNotFoundError(`${command} cannot be run: ${end.reason}`, { cause: end.cause })
    return end.kind === 'exited' && end.exitCode === 0
      ? parseVersion(readBounded(output, versionBytes).text)
      : undefined
  } finally {
    closeSync(output)
  }
}
