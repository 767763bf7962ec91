// Runs in virtual machines, by the compiled command, as whoever runs these tests: a machine needs no privilege.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join, relative } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, type TestContext, test } from 'vitest'
import { packageDirectory, until } from '../host/index.ts'
import { findEmulator, findKernel, listKernels } from '../machine/index.ts'
import { parseResults, type Results } from '../report/index.ts'
import { giveToOrdinaryUser, obstacleOfOrdinaryUser, ordinaryUser } from './ordinary-user.fixture.ts'
import { main, RunPlace, textOf } from './run-place.fixture.ts'

/** Two boots of an emulated machine on a busy host. */
const machineMs = 600_000

/** What runs in the guest: facts of it are the results of tests, and two tests end the guest. */
const suites = `import { readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { suite } from 'runwright'

export const guest = suite('guest', ({ test }) => {
  test('a container runs', async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('echo', ['echo', 'hello']))).toHavePrinted('hello\\n')
  })
  test('it is root in a guest', async ({ expect }) => {
    expect([process.getuid(), readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')[8]]).toEqual([0, '-'])
  })
  test('the host cannot be written to', async ({ expect }) => {
    writeFileSync(new URL('from-the-guest', import.meta.url), '')
    expect(readFileSync(new URL('from-the-guest', import.meta.url), 'utf8')).toBe('')
  })
})

export const kernels = suite('kernels', ({ test }) => {
  test('a container sees the newer kernel', async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('uname', ['uname', '-r']))).toHavePrinted(process.env.NEWER + '\\n')
  })
  test('the older kernel panics', async () => {
    if (release() === process.env.OLDER) writeFileSync('/proc/sysrq-trigger', 'c')
  })
})

export const ends = suite('ends', ({ test }) => {
  test('the kernel panics', async () => {
    writeFileSync('/proc/sysrq-trigger', 'c')
  })
  test('the memory is used up', async () => {
    const held = []
    for (;;) held.push(Buffer.alloc(2 ** 24, 1))
  })
  test('it runs until it is stopped', { timeoutMs: 600_000 }, async ({ signal }) => {
    writeFileSync(process.env.STARTED, '')
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
})
`

let place: RunPlace

beforeEach(async (context) => {
  const missing = await Promise.all([findEmulator(), findKernel(undefined)]).then(
    () => undefined,
    (error: Error) => error.message,
  )
  context.skip(missing !== undefined, missing)
  place = new RunPlace()
  mkdirSync(join(place.directory, 'node_modules'))
  symlinkSync(packageDirectory(), join(place.directory, 'node_modules/runwright'))
  writeFileSync(join(place.directory, 'guest.ts'), suites)
})

afterEach(() => place?.remove())

function run(...args: readonly string[]) {
  return runWith({ STARTED: started() }, ...args)
}

function runWith(variables: Readonly<Record<string, string>>, ...args: readonly string[]) {
  return execa(process.execPath, [main, 'run', '--vm', '--suites', 'guest.ts', ...args], {
    cwd: place.directory,
    // The emulator and the kernel are where they were found; only what runs leave goes to this place.
    env: { NO_COLOR: '1', RUNWRIGHT_SESSIONS: place.environment.RUNWRIGHT_SESSIONS, ...variables },
    reject: false,
    stdin: 'ignore',
    timeout: machineMs,
  })
}

function results(): Results {
  return parseResults(readFileSync(join(place.output, 'results.json'), 'utf8'), 'results.json')
}

/** What a test in the guest writes to the one directory that is the host's. */
function started(): string {
  return join(place.output, 'started')
}

/** The emulators that write to this place. */
function machines(): readonly number[] {
  return place.processes().filter((pid) => textOf(`/proc/${pid}/cmdline`).includes('qemu'))
}

describe('a run in a virtual machine', () => {
  test('is one as root on a kernel and cgroups of its own, and the host is as it was', {
    timeout: machineMs,
  }, async () => {
    const { exitCode, stdout, stderr } = await run('guest')
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
    const { host, totals } = results()
    expect(totals).toMatchObject({ pass: 3, fail: 0, broken: 0 })
    expect(host).toMatchObject({ cgroup: 'v2', rootless: false, machine: expect.stringContaining('QEMU') })
    expect(host.kernel).not.toBe(release())
    expect(stdout).toContain('green: 3 pass')
    expect(place.traces()).toEqual([])
    expect(() => readFileSync(join(place.directory, 'from-the-guest'))).toThrow('ENOENT')
  })

  test.each([
    [['--cgroup', 'v1'], 'v1'],
    [['--cgroup', 'hybrid', '--cpus', '1'], 'hybrid'],
    [['--init', 'systemd'], 'v2'],
  ])('with %j has what was asked for', { timeout: machineMs }, async (args, cgroup) => {
    const { exitCode, stdout, stderr } = await run('guest/a-container-runs', ...args)
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
    const { host, totals } = results()
    expect([host.cgroup, totals.pass]).toEqual([cgroup, 1])
    expect(host.machineOptions).toEqual(['--vm', ...args])
    if (args.includes('--cpus')) expect(host.cpus).toBe(1)
  })

  test("as an ordinary user of the guest has cgroups that were delegated, and writes what is the user's", {
    timeout: machineMs,
  }, async (context) => {
    const obstacle = await obstacleOfOrdinaryUser()
    context.skip(obstacle !== undefined, obstacle)
    mkdirSync(place.output)
    chmodSync(place.directory, 0o755)
    await giveToOrdinaryUser(place.output)
    const limited = 'cgroups/the-limits-that-create-has-set-are-the-same-after-start'
    const { exitCode, stdout, stderr } = await run('guest/a-container-runs', limited, '--user', ordinaryUser)
    expect(exitCode, `${stdout}\n${stderr}`).toBe(0)
    const { host, totals } = results()
    expect([host.rootless, totals.pass]).toEqual([true, 2])
    expect(statSync(join(place.output, 'results.json')).uid).toBe(statSync(place.output).uid)
  })

  test('as a user who could not write its results is refused before it boots', async (context) => {
    context.skip(process.geteuid?.() !== 0, 'takes a directory of another user')
    mkdirSync(place.output, { mode: 0o700 })
    const { exitCode, stderr } = await run('guest/a-container-runs', '--user', 'nobody')
    expect(exitCode).toBe(2)
    expect(stderr).toContain(`nobody cannot write to ${place.output}`)
  })

  test.each([
    ['the-kernel-panics', 'Kernel panic'],
    ['the-memory-is-used-up', 'Out of memory'],
  ])('whose guest ends, as %s, is red and shows the console', { timeout: machineMs }, async (name, words) => {
    const { exitCode, stdout } = await run(`ends/${name}`, '--memory', '1024')
    expect(exitCode, stdout).toBe(1)
    const { errors, planned, tests } = results()
    expect([planned, tests]).toEqual([1, []])
    expect(errors.join('\n')).toContain(words)
    expect(stdout).toContain(words)
    expect(place.traces()).toEqual([])
  })

  test('that is interrupted ends as one on the host does', { timeout: machineMs }, async () => {
    const running = run('ends/it-runs-until-it-is-stopped')
    await until(() => existsSync(started()), { timeoutMs: machineMs, what: 'the test to begin' })
    running.kill('SIGINT')
    const { exitCode, stdout } = await running
    expect(exitCode, stdout).toBe(1)
    const { planned, errors } = results()
    expect([planned, errors.join()]).toEqual([1, expect.not.stringContaining('virtual machine')])
    expect(stdout).toContain('the run was stopped before the test had ended')
    expect(place.traces()).toEqual([])
  })

  test('leaves no machine when it is killed', { timeout: machineMs }, async () => {
    const running = run('ends/it-runs-until-it-is-stopped')
    await until(() => machines().length > 0, { timeoutMs: 60_000, what: 'the machine to start' })
    running.kill('SIGKILL')
    await running
    await until(() => place.processes().length === 0, { timeoutMs: 10_000, what: 'the machine to end' })
    expect(place.traces()).toEqual([])
  })
})

/** The releases of two kernels that there are, the newer first. */
async function twoKernels({ skip }: TestContext): Promise<readonly [newer: string, older: string]> {
  const [newer, older] = await listKernels()
  if (newer !== undefined && older !== undefined) return [newer.release, older.release]
  return skip("there is one kernel; 'runwright setup --vm --kernel 6.12' gets another")
}

describe('a run on two kernels', () => {
  test('is told as one, with a column for each kernel and files that are found from there', {
    timeout: machineMs,
  }, async (context) => {
    const [newer, older] = await twoKernels(context)
    const kernels = ['--kernel', older, '--kernel', newer]
    const args = ['guest/a-container-runs', 'kernels/a-container-sees-the-newer-kernel', ...kernels]
    const updated = ['--update-deviations', 'deviations.json']
    const { exitCode, stdout, stderr } = await runWith({ NEWER: newer }, ...args, ...updated)
    expect(exitCode, `${stdout}\n${stderr}`).toBe(1)
    const { host, runtimes, tests, errors, planned } = results()
    expect(host.kernel).toBe(older)
    expect(runtimes.map(({ name }) => name)).toEqual([`runc on ${older}`, `runc on ${newer}`])
    expect(tests.map(({ runtime, outcome }) => [runtime, outcome])).toEqual([
      [`runc on ${older}`, 'pass'],
      [`runc on ${older}`, 'fail'],
      [`runc on ${newer}`, 'pass'],
      [`runc on ${newer}`, 'pass'],
    ])
    expect([errors, planned]).toEqual([[], 4])
    const script = join(place.output, tests[1]?.artifacts ?? '', 'repro.sh')
    expect(readFileSync(script, 'utf8')).toContain('kernels/a-container-sees-the-newer-kernel')
    expect(stdout).toContain(`${relative(place.directory, script)}\n`)
    expect(stdout.match(/^(green|red):.*/gm)).toEqual(['red: 3 pass, 1 fail'])
    const list = JSON.parse(readFileSync(join(place.directory, 'deviations.json'), 'utf8'))
    expect(list).toMatchObject([{ test: 'kernels/a-container-sees-the-newer-kernel', runtime: 'runc' }])
    expect(place.traces()).toEqual([])
  })

  test('of which one panics has the results of the other', { timeout: machineMs }, async (context) => {
    const [newer, older] = await twoKernels(context)
    const args = ['kernels/the-older-kernel-panics', '--json', '--kernel', older, '--kernel', newer]
    const { exitCode, stdout } = await runWith({ OLDER: older }, ...args)
    expect(exitCode, stdout).toBe(1)
    const { runtimes, tests, errors, planned } = parseResults(stdout, 'standard output')
    expect(runtimes.map(({ name }) => name)).toEqual([`runc on ${older}`, `runc on ${newer}`])
    expect(tests).toMatchObject([{ runtime: `runc on ${newer}`, outcome: 'pass' }])
    expect([planned, errors.length]).toEqual([2, 1])
    expect(errors[0]).toContain(`on ${older}: the virtual machine ended`)
    expect(errors[0]).toContain('Kernel panic')
    expect(place.traces()).toEqual([])
  })

  test('that cannot be done on the first is refused', async (context) => {
    const [newer, older] = await twoKernels(context)
    const place = ['--output', '/run/somewhere']
    const { exitCode, stdout, stderr } = await run('guest', '--kernel', older, '--kernel', newer, ...place)
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain('/run/somewhere/kernel-')
  })

  test('that is interrupted boots no second one', { timeout: machineMs }, async (context) => {
    const [newer, older] = await twoKernels(context)
    const begun = join(place.output, `kernel-${older}`, 'started')
    const args = ['ends/it-runs-until-it-is-stopped', '--kernel', older, '--kernel', newer]
    const running = runWith({ STARTED: begun }, ...args)
    await until(() => existsSync(begun), { timeoutMs: machineMs, what: 'the test to begin' })
    running.kill('SIGINT')
    const { exitCode, stdout, stderr } = await running
    expect(exitCode, stdout).toBe(1)
    expect(stdout).toContain(`on ${newer}: the run was stopped before this kernel was booted`)
    expect(stderr).not.toContain(`kernel ${newer}`)
    expect(results()).toMatchObject({ planned: 2, tests: [] })
    expect(place.traces()).toEqual([])
  })
})

describe('what cannot be is refused at once', () => {
  test.each([
    [['--kernel', '/nowhere/vmlinuz'], '/nowhere/vmlinuz cannot be read'],
    [['--kernel', '0.1'], 'there is no kernel 0.1'],
    [['--kernel', '6', '--kernel', '6'], 'name kernels of different releases'],
    [['--kernel', '6', '--kernel', '0.1'], 'there is no kernel 0.1'],
    [['--keep'], "'--keep' has nothing to keep"],
    [['--output', '/run/somewhere'], '/run/somewhere cannot be seen in a virtual machine'],
  ])('%j', async (args, words) => {
    const { exitCode, stderr } = await run('guest', ...args)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(words)
    expect(place.traces()).toEqual([])
  })

  test('options of a machine without one', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [main, 'run', '--cgroup', 'v1'], {
      reject: false,
    })
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("'--vm' is missing")])
  })
})
