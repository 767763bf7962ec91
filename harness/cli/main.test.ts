import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { packageDirectory, programPath } from '../host/index.ts'

// Each test starts the command several times, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'command-'))
})

afterEach(() => {
  rmSync(place, { recursive: true })
})

/** Runs the compiled command as a user does, away from the checkout. */
async function runwright(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    reject: false,
    stdin: 'ignore',
    cwd: place,
    env: { RUNWRIGHT_HOME: place, RUNWRIGHT_SESSIONS: join(place, 'sessions'), ...environment },
  })
}

describe('the command', () => {
  test('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(join(packageDirectory(), 'package.json'), 'utf8'))
    expect(await runwright(['--version'])).toMatchObject({ exitCode: 0, stdout: version })
  })

  test.each([[['--help']], [['help']]])('lists its subcommands for %j', async (args) => {
    const { exitCode, stdout } = await runwright(args)
    expect(exitCode).toBe(0)
    for (const name of ['run', 'doctor', 'setup', 'list', 'spec', 'archive', 'bundle', 'clean']) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    }
  })

  test.each([
    [[]],
    [['no-such-command']],
    [['constructor']],
    [['--no-such-option']],
    [['list', '--no-such-option']],
    [['clean', 'too-much']],
    [['clean', '--deadline', 'soon']],
  ])('exits with 2 and says on standard error why %j is wrong', async (args) => {
    const { exitCode, stdout, stderr } = await runwright(args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^(Usage|error): /)
  })

  test('ends quietly when its reader has seen enough', async () => {
    const main = programPath('harness/cli/main.js')
    const { stdout, stderr } = await execa('bash', [
      '-c',
      `"${process.execPath}" "${main}" list --requirements --json | head -c 1`,
    ])
    expect({ stdout, stderr }).toEqual({ stdout: '[', stderr: '' })
  })

  test('colours only where it is asked to', async () => {
    expect((await runwright(['list', 'state'])).stdout).not.toContain('\u001b')
    expect((await runwright(['list', 'state'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b')
    expect((await runwright(['list', 'state'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain(
      '\u001b',
    )
  })
})

describe('list', () => {
  test('names a suite that does not exist', async () => {
    const { exitCode, stderr } = await runwright(['list', 'no-such-suite'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("'no-such-suite'")
  })

  test('shows the requirements of an area with their tests', async () => {
    const { stdout } = await runwright(['list', '--requirements', 'state', '--json'])
    const requirements: readonly { area: string; tests: readonly string[] }[] = JSON.parse(stdout)
    expect(new Set(requirements.map(({ area }) => area))).toEqual(new Set(['state']))
    expect(requirements.some(({ tests }) => tests.length > 0)).toBe(true)
  })

  test('names an area that does not exist', async () => {
    const { exitCode, stderr } = await runwright(['list', '--requirements', 'no-such-area'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain("'no-such-area'")
  })
})

describe('archive', () => {
  test('adds, lists, unpacks and removes', async () => {
    await execa('bash', ['-c', 'mkdir root && echo hello > root/file && tar -cf some.tar -C root .'], {
      cwd: place,
    })
    expect((await runwright(['archive', 'add', 'mine', 'some.tar'])).stdout).toMatch(
      /some\.tar \(2 entries, sha256:/,
    )
    expect((await runwright(['archive'])).stdout).toMatch(/^mine +unpacked, 2 entries +\/.*some\.tar$/m)
    expect((await runwright(['archive', 'unpack', 'mine', 'copy'])).exitCode).toBe(0)
    expect(readFileSync(join(place, 'copy/file'), 'utf8')).toBe('hello\n')
    expect((await runwright(['archive', 'remove', 'mine'])).exitCode).toBe(0)
    expect((await runwright(['archive', 'list', '--json'])).stdout).not.toContain('mine')
    expect(existsSync(join(place, 'some.tar'))).toBe(true)
  })

  test('puts nothing into the catalogue that cannot be unpacked, nor a name twice', async () => {
    writeFileSync(join(place, 'no.tar'), 'no tar archive')
    const { exitCode, stderr } = await runwright(['archive', 'add', 'bad', 'no.tar'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('archive bad')
    expect((await runwright(['archive', 'add', 'busybox', 'no.tar'])).stderr).toContain(
      "already: 'runwright archive remove",
    )
    expect((await runwright(['archive', 'remove', 'busybox'])).stderr).toContain('is built in')
    expect((await runwright(['archive', 'list', '--json'])).stdout).not.toContain('bad')
  })

  test('unpacks a file that is in no catalogue, and not over another', async () => {
    await execa('bash', ['-c', 'mkdir root && tar -cf some.tar -C root .'], { cwd: place })
    expect((await runwright(['archive', 'unpack', './some.tar', 'copy'])).exitCode).toBe(0)
    expect((await runwright(['archive', 'unpack', './some.tar', 'copy'])).exitCode).toBe(2)
  })
})

describe('bundle', () => {
  test('has none to show where none was made', async () => {
    expect((await runwright(['bundle'])).stdout).toContain("'runwright bundle create NAME'")
    expect(await runwright(['bundle', 'show', 'none'])).toMatchObject({ exitCode: 2, stdout: '' })
    expect((await runwright(['bundle', 'remove', 'none'])).exitCode).toBe(2)
    expect((await runwright(['bundle', 'remove'])).stderr).toContain('--all')
  })
})

describe('spec', () => {
  test('writes config.json where it is, and never twice', async () => {
    expect(await runwright(['spec'])).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    const text = readFileSync(join(place, 'config.json'), 'utf8')
    expect(JSON.parse(text).process.args).toEqual(['sh'])
    expect(text).toContain('\n\t"ociVersion"')
    const again = await runwright(['spec'])
    expect(again.exitCode).toBe(1)
    expect(again.stderr).toContain('config.json exists. Remove it first')
    expect(readFileSync(join(place, 'config.json'), 'utf8')).toBe(text)
  })

  test('writes the wanted profile, rootless, into a bundle', async () => {
    expect((await runwright(['spec', '--bundle', '.', '--rootless', '--profile', 'crun'])).exitCode).toBe(0)
    const spec = JSON.parse(readFileSync(join(place, 'config.json'), 'utf8'))
    expect(spec.hostname).toBe('crun')
    expect(spec.linux.namespaces).toContainEqual({ type: 'user' })
  })

  test.each([
    [['x']],
    [['--profile', 'docker']],
    [['--no-such-option']],
    [['--bundle', 'no-such-directory']],
  ])('exits with 1 for %j, as runc does', async (args) => {
    const { exitCode, stderr } = await runwright(['spec', ...args])
    expect(exitCode).toBe(1)
    expect(stderr).not.toBe('')
    expect(existsSync(join(place, 'config.json'))).toBe(false)
  })
})

describe('clean', () => {
  test('has nothing to do where nothing ran', async () => {
    expect(await runwright(['clean'])).toMatchObject({ exitCode: 0, stdout: 'Nothing was left by any run.' })
  })
})

describe('setup', () => {
  test('says what to do about a runtime that nobody packages, and exits with 2', async () => {
    const { exitCode, stdout } = await runwright(['setup', 'no-such-runtime'])
    expect(exitCode).toBe(2)
    expect(stdout).toMatch(/^no-such-runtime +failed/m)
    expect(stdout).toContain('--runtime PATH')
  })
})

describe('doctor', () => {
  test('is the same for a person and for a program', async () => {
    const [text, json] = [await runwright(['doctor', '--all']), await runwright(['doctor', '--json'])]
    const examination: { obstacles: readonly string[]; needs: readonly { need: string; met: boolean }[] } =
      JSON.parse(json.stdout)
    expect(text.exitCode).toBe(examination.obstacles.length === 0 ? 0 : 2)
    for (const { need, met } of examination.needs) {
      expect(text.stdout).toMatch(new RegExp(`^  ${need} +${met ? 'met' : 'not met'}`, 'm'))
    }
  })

  test('tells a download that does not run from one that does', async () => {
    const download = join(place, 'archives/programs/runc/9.0')
    await execa('mkdir', ['-p', join(download, 'root/usr/bin')])
    writeFileSync(
      join(download, 'download.json'),
      JSON.stringify({ name: 'runc', version: '9.0', program: 'root/usr/bin/runc' }),
    )
    writeFileSync(join(download, 'root/usr/bin/runc'), 'no program at all', { mode: 0o755 })
    const { stdout } = await runwright(['doctor'])
    expect(stdout).toMatch(/runc +9\.0 +does not run/)
  })
})

describe('report', () => {
  test('tells results of a directory in every form, to a file or to be piped', async () => {
    writeFileSync(join(place, 'results.json'), JSON.stringify(emptyResults))
    expect((await runwright(['report', '.'])).stdout).toContain('green: no test ran')
    expect((await runwright(['report', '.', '--format', 'tap'])).stdout).toBe('TAP version 14\n1..0')
    for (const format of ['junit', 'markdown', 'html', 'text']) {
      const path = join(place, 'reports', format)
      expect(await runwright(['report', '.', '--format', format, '--output', path])).toMatchObject({
        exitCode: 0,
        stdout: '',
        stderr: '',
      })
      expect(readFileSync(path, 'utf8')).not.toBe('')
    }
  })

  test('leads to the files of a red test from wherever the report is', async () => {
    const told = { ...failed, reason: 'it did not end', artifacts: 'artifacts/runc/kill/a' }
    mkdirSync(join(place, 'run'))
    writeFileSync(
      join(place, 'run', 'results.json'),
      JSON.stringify({ ...emptyResults, runtimes: [runc], tests: [told], planned: 1 }),
    )
    for (const [file, path] of [
      ['page.html', 'run/artifacts'],
      ['run/page.html', 'artifacts'],
      ['reports/page.html', '../run/artifacts'],
    ] as const) {
      for (const results of ['run', 'run/results.json']) {
        await runwright(['report', results, '--format', 'html', '--output', join(place, file)])
        expect(readFileSync(join(place, file), 'utf8')).toContain(`"artifacts":"${path}/runc/kill/a"`)
      }
    }
  })

  test('says what to do where there are no results, or no such form', async () => {
    const { exitCode, stderr } = await runwright(['report'])
    expect(exitCode).toBe(2)
    expect(stderr).toContain('there are no results')
    expect((await runwright(['report', '.', '--format', 'pdf'])).exitCode).toBe(2)
    expect((await runwright(['run', '--reports', 'html,pdf'])).stderr).toContain(
      'names of reports are wanted',
    )
  })
})

describe('compare', () => {
  test('exits with 1 when something regressed, and with 0 when something was fixed', async () => {
    writeFileSync(
      join(place, 'old.json'),
      JSON.stringify({ ...emptyResults, tests: [{ ...failed, outcome: 'pass' }] }),
    )
    writeFileSync(join(place, 'new.json'), JSON.stringify({ ...emptyResults, tests: [failed] }))
    const worse = await runwright(['compare', 'old.json', 'new.json'])
    expect(worse.exitCode).toBe(1)
    expect(worse.stdout).toContain('REGRESSION  kill/a')
    const better = await runwright(['compare', 'new.json', 'old.json', '--json'])
    expect(better.exitCode).toBe(0)
    expect(JSON.parse(better.stdout).fixes).toHaveLength(1)
  })
})

describe('merge', () => {
  test('puts results together with the directories of their red tests, and exits as one run would have', async () => {
    const places = ['artifacts/runc/kill/a', 'kernel-6.1/artifacts/runc/kill/a']
    for (const [position, artifacts] of places.entries()) {
      const part = join(place, String(position))
      mkdirSync(join(part, artifacts), { recursive: true })
      const tests = [{ ...failed, id: `kill/${position}`, artifacts }]
      writeFileSync(
        join(part, 'results.json'),
        JSON.stringify({ ...emptyResults, runtimes: [runc], tests, planned: 1 }),
      )
    }
    writeFileSync(join(place, 'green.json'), JSON.stringify(emptyResults))
    expect((await runwright(['merge', 'green.json', '--output', 'alone'])).exitCode).toBe(0)
    const { exitCode, stdout } = await runwright(['merge', '0', '1/results.json', '--output', 'both'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain(join('both', 'results.json'))
    for (const artifacts of places) expect(existsSync(join(place, 'both', artifacts))).toBe(true)
  })
})

const emptyResults = {
  schema: 'runwright.results/1',
  runwright: '0.1.0',
  startedAt: '2026-01-01T00:00:00.000Z',
  wallMs: 0,
  host: { kernel: '6.1.0', arch: 'x64', cgroup: 'v2', rootless: false, cpus: 2 },
  runtimes: [],
  tests: [],
  requirements: [],
  leaks: [],
  errors: [],
  planned: 0,
  totals: { pass: 0, fail: 0, broken: 0, deviation: 0, fixed: 0, skip: 0 },
}

const runc = { name: 'runc', command: '/usr/bin/runc', profile: 'runc', leaves: [] }

const failed = {
  id: 'kill/a',
  suite: 'kill',
  title: 'a',
  runtime: 'runc',
  outcome: 'fail',
  covers: [],
  durationMs: 1,
  runtimeMs: 1,
  containers: 0,
}
