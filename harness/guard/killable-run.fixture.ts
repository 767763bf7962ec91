// Runs of the harness for tests that kill them (run.fixture.mjs), and a look at the host for what is left of them that
// uses nothing of the code under test.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../host/index.ts'

/** Why runs with a real runtime are impossible here; undefined when they are possible. */
export function whyNoRuns(): string | undefined {
  if (process.geteuid?.() !== 0) return 'needs root: containers, mounts and cgroups are made'
  for (const program of ['runc', 'busybox', 'mount', 'unshare']) {
    if (findProgram(program) === undefined) return `needs ${program}`
  }
  return undefined
}

/** A place for runs: everything of theirs is in it or bears its name. */
export class RunPlace {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-guard-')))
  readonly sessions = join(this.directory, 'sessions')
  readonly bundles = join(this.directory, 'bundles')
  readonly bundle = join(this.directory, 'bundle')
  readonly #runs: KillableRun[] = []

  /** Makes a bundle whose program sleeps for longer than any test, with an argument by which it is recognised. */
  constructor() {
    const bin = join(this.bundle, 'rootfs/bin')
    mkdirSync(bin, { recursive: true })
    copyFileSync(findProgram('busybox') ?? '', join(bin, 'sleep'))
    execFileSync('runc', ['spec'], { cwd: this.bundle })
    const file = join(this.bundle, 'config.json')
    const spec = JSON.parse(readFileSync(file, 'utf8'))
    spec.process.terminal = false
    spec.process.args = ['sleep', this.#sleepArgument]
    writeFileSync(file, JSON.stringify(spec))
  }

  /** A day, and then some that is different for each place. */
  get #sleepArgument(): string {
    return String(
      86_400 + (Buffer.from(this.directory).readUInt32BE(this.directory.length - 4) % 1_000_000_000),
    )
  }

  /** Starts a run in a process group of its own, the driver's as well. */
  run(runtime = 'runc'): KillableRun {
    return this.#start('run.fixture.mjs', [this.sessions, this.bundles, this.bundle, runtime])
  }

  /** Starts a process that joins a run's session. */
  member({ directory }: KillableRun): KillableRun {
    return this.#start('member.fixture.mjs', [directory])
  }

  /** Starts a program that uses what a test author uses, and ends. */
  user(): KillableRun {
    return this.#start('default.fixture.mjs', [])
  }

  /** Starts a program with private bundles, and a container in one of them. */
  overlaid(): KillableRun {
    return this.#start('overlaid.fixture.mjs', [])
  }

  /** Starts a process with workers that all ask for the session of their run. */
  workers(number: number): KillableRun {
    return this.#start('current.fixture.mjs', [String(number)])
  }

  #start(program: string, words: readonly string[]): KillableRun {
    const run = new KillableRun(program, words, {
      RUNWRIGHT_SESSIONS: this.sessions,
      RUNWRIGHT_HOME: this.directory,
    })
    this.#runs.push(run)
    return run
  }

  /** Everything on this host that is there because of the runs of this place: one line each. */
  traces(): string[] {
    const sessions = this.#runs
      .flatMap(({ session }) => session ?? [])
      .concat(entries(this.sessions))
      .filter((name) => name.length === 10)
    const users = this.#runs.map(({ userName }) => userName)
    const isOurs = (text: string) => [...sessions, ...users].some((name) => text.includes(name))
    // Its exit code does not matter: a cgroup may go while it looks.
    const cgroups = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd'], { encoding: 'utf8' }).stdout.split(
      '\n',
    )
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    return [
      ...cgroups.filter(isOurs).map((path) => `cgroup ${path}`),
      ...mounts.filter((line) => line.includes(this.directory)).map((line) => `mount ${line}`),
      ...this.#processes().map((line) => `process ${line}`),
      ...entries(this.sessions).map((name) => `session ${name}`),
      ...entries(this.bundles).map((name) => `bundles ${name}`),
      ...entries('/run/netns')
        .filter(isOurs)
        .map((name) => `namespace ${name}`),
    ]
  }

  #processes(): string[] {
    const runs = new Set(this.#runs.map(({ pid }) => String(pid)))
    return readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && !runs.has(pid))
      .map((pid) => `${pid} ${commandLine(pid)}`)
      .filter((line) => line.includes(this.directory) || line.includes(this.#sleepArgument))
  }

  /** Kills all runs that still run. */
  async killRuns(): Promise<void> {
    await Promise.all(this.#runs.map((run) => run.killed()))
  }

  /** Removes the place itself; to be called when nothing of its runs is left. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
    // Made by the runs, as ip-netns(8) would; not while another test's run has something in it.
    spawnSync('rmdir', ['--ignore-fail-on-non-empty', '/run/netns'], { stdio: 'ignore' })
  }
}

export class KillableRun {
  readonly #child: ChildProcess
  /** What it has printed. */
  readonly lines: string[] = []

  constructor(program: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
      cwd: '/',
      env: { ...process.env, ...environment, VITEST_POOL_ID: undefined, RUNWRIGHT_SESSION: undefined },
    })
    if (this.#child.stdout !== null)
      createInterface(this.#child.stdout).on('line', (line) => this.lines.push(line))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The id of its session, once it is known. */
  get session(): string | undefined {
    return this.directory.split('/').at(-1) || undefined
  }

  /** The session's directory, once it is known. */
  get directory(): string {
    return this.lines.find((line) => line.startsWith('/')) ?? ''
  }

  /** The id of the container that is called as no other of the harness is. */
  get userName(): string {
    return `chosen-by-user-${this.pid}`
  }

  get isReady(): boolean {
    return this.lines.includes('ready')
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Kills it with its process group, as a CI runner does, and returns when it is gone. */
  async killed(): Promise<void> {
    if (this.hasEnded) return
    const ended = once(this.#child, 'exit')
    process.kill(-this.pid, 'SIGKILL')
    await ended
  }

  /** Kills its reaper, so that nothing cleans up behind it. */
  killReaper(): void {
    const { pid } = JSON.parse(readFileSync(join(this.directory, 'reaper.json'), 'utf8'))
    process.kill(pid, 'SIGKILL')
  }
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
