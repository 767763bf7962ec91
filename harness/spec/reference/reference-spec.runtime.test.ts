import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { validateSpec } from '../validate/validate.ts'
import { profileOf } from './profile.ts'
import { type ReferenceOptions, referenceSpec, referenceSpecText } from './reference-spec.ts'

/** Installed runtimes, and any others named in RUNWRIGHT_SPEC_RUNTIMES, separated by colons. */
const installed = ['runc', 'crun']
const further = (process.env['RUNWRIGHT_SPEC_RUNTIMES'] ?? '').split(delimiter).filter((path) => path !== '')

interface Version {
  readonly program: string
  readonly version: string
  /** The version of the specification a build of runc prints. */
  readonly ociVersion: string | undefined
}

function versionOf(runtime: string): Version {
  const printed = execFileSync(runtime, ['--version'], { encoding: 'utf8' })
  const [, program, version] = /^(\w+) version (\S+)/.exec(printed) ?? []
  if (program === undefined || version === undefined)
    throw new Error(`${runtime} --version printed ${printed}`)
  const [, ociVersion] = /^spec: (\S+)/m.exec(printed) ?? []
  return { program, version, ociVersion }
}

function isInstalled(runtime: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .some((directory) => existsSync(join(directory, runtime)))
}

const mayMount = process.geteuid?.() === 0

/** Runs `spec` in a directory; for v2 in a mount namespace of its own where that is all there is to see. */
function runSpec(
  runtime: string,
  directory: string,
  { cgroup, rootless }: Pick<ReferenceOptions, 'cgroup' | 'rootless'>,
): void {
  const flags = rootless ? ' --rootless' : ''
  const mount = cgroup === 'v2' ? 'mount -t cgroup2 none /sys/fs/cgroup && ' : ''
  const script = `${mount}cd "$1" && "$2" spec${flags}`
  const shell = ['sh', '-c', script, 'sh', directory, runtime]
  const [program = 'sh', ...args] =
    cgroup === 'v2' ? ['unshare', '--mount', '--propagation', 'private', ...shell] : shell
  execFileSync(program, args, { stdio: 'pipe' })
}

const cases = [...installed, ...further].flatMap((runtime) =>
  (['v1', 'v2'] as const).flatMap((cgroup) => [
    { runtime, cgroup, rootless: false },
    { runtime, cgroup, rootless: true },
  ]),
)

describe('the reference configuration equals what the runtime writes', () => {
  let directory = ''
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'runwright-spec-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  test.for(cases)(
    '$runtime, cgroup $cgroup, rootless $rootless',
    async ({ runtime, cgroup, rootless }, context) => {
      if (installed.includes(runtime) && !isInstalled(runtime)) context.skip(`${runtime} is not installed`)
      if (cgroup === 'v2' && !mayMount) context.skip('mounting a cgroup v2 hierarchy takes root')
      const { program, version, ociVersion } = versionOf(runtime)
      const profile = profileOf(program, version)
      if (profile === undefined) throw new Error(`no profile for ${basename(runtime)} ${version}`)
      const options = { profile, cgroup, rootless, ociVersion } as const

      runSpec(runtime, directory, options)

      expect(referenceSpecText(options)).toBe(await readFile(join(directory, 'config.json'), 'utf8'))
      const errors = validateSpec(referenceSpec(options)).filter(({ severity }) => severity === 'error')
      expect(errors).toEqual([])
    },
  )
})
