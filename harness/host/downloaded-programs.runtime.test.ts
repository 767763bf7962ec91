import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from 'vitest'
import { distribution } from './distribution.ts'
import { downloadProgram, findDownloadedProgram, listDownloadedPrograms } from './downloaded-programs.ts'
import { findProgram } from './find-program.ts'
import { packageSourceNamed } from './package-sources.ts'
import { PackageError, PrivateApt } from './private-apt.ts'

const minutes = 60_000
let home: string
let reachable: string | undefined

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'apt-'))
  vi.stubEnv('RUNWRIGHT_HOME', home)
  if (findProgram('apt-get') === undefined) reachable = 'needs apt'
  else if (distribution().id !== 'debian') reachable = 'needs Debian, for the suites it asks for'
  else {
    await PrivateApt.open({ suite: 'sid' }).then(
      async (apt) => await apt[Symbol.asyncDispose](),
      (error: unknown) => {
        reachable = `needs Debian's package servers: ${error instanceof Error ? error.message : String(error)}`
      },
    )
  }
}, 2 * minutes)

afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

function needApt(ctx: TestContext): void {
  if (reachable !== undefined) ctx.skip(reachable)
}

describe('packages downloaded by apt', () => {
  test('a static program is unpacked, and the host is left as it was', {
    timeout: 2 * minutes,
  }, async (ctx) => {
    needApt(ctx)
    const state = (): number[] =>
      ['/etc/apt', '/var/lib/apt/lists', '/var/lib/dpkg/status'].map((path) => statSync(path).mtimeMs)
    const before = { state: state(), temporary: temporaryApts() }
    const destination = join(home, 'busybox-static')
    const download = await packageSourceNamed('apt')?.download('busybox-static', { destination })
    const busybox = ['usr/bin/busybox', 'bin/busybox']
      .map((path) => join(download?.root ?? '', path))
      .find(findProgram)
    expect(execFileSync(busybox ?? '', ['echo', 'it runs'], { encoding: 'utf8' })).toBe('it runs\n')
    expect({ state: state(), temporary: temporaryApts() }).toEqual(before)
  })

  test('a runc built for a newer libc runs with its own', { timeout: 3 * minutes }, async (ctx) => {
    needApt(ctx)
    const program = await downloadProgram('runc', { suite: 'sid' })
    expect(program).toMatchObject({ name: 'runc', suite: 'sid', report: { kind: 'runs' } })
    expect(execFileSync(program.path, ['--version'], { encoding: 'utf8' })).toContain(program.version)
    expect(await downloadProgram('runc', { suite: 'sid' })).toEqual(program)
    expect(await listDownloadedPrograms('runc')).toEqual([program])
    expect(await findDownloadedProgram('runc')).toEqual(program)
    expect(await findDownloadedProgram(`runc@${program.version}`)).toEqual(program)
    expect(await findDownloadedProgram('runc@0.0.1')).toBeUndefined()
  })

  test('an unknown suite is an error that leaves nothing', { timeout: 2 * minutes }, async (ctx) => {
    needApt(ctx)
    const before = temporaryApts()
    await expect(downloadProgram('runc', { suite: 'no-such-suite' })).rejects.toThrow(PackageError)
    expect(temporaryApts()).toEqual(before)
  })

  test('a stopped download leaves nothing', { timeout: 2 * minutes }, async (ctx) => {
    needApt(ctx)
    const before = temporaryApts()
    const signal = AbortSignal.timeout(300)
    await expect(downloadProgram('crun', { suite: 'sid', signal })).rejects.toThrow(/stopped on request/)
    expect(temporaryApts()).toEqual(before)
    expect(await listDownloadedPrograms('crun')).toEqual([])
  })
})

function temporaryApts(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('runwright-apt-'))
}
