import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cgroupLayout } from '../host/index.ts'
import { referenceSpec, type Spec, stringifyJson } from '../spec/index.ts'
import type { BundlePath } from './launch.ts'
import { recordedContainers } from './own-directories.ts'
import { type ResolvedRuntime, resolveRuntime } from './resolve-runtime.ts'
import { Runtime, type RuntimeOptions } from './runtime.ts'

/** The runtimes to test the driver with: those of the distribution, and any that are named by path in the environment. */
const names = ['runc', 'crun', ...(process.env['RUNWRIGHT_DRIVER_RUNTIMES'] ?? '').split(':')].filter(
  (name) => name !== '',
)

/** Those of them that are there. */
export async function installedRuntimes(): Promise<ResolvedRuntime[]> {
  const found = await Promise.allSettled(names.map((name) => resolveRuntime(name)))
  return found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}

/** Why containers cannot be made here; undefined when they can. */
export function whyNoContainers(): string | undefined {
  if (process.geteuid?.() !== 0) return 'containers are made as root here: run the tests with sudo'
  return existsSync(busybox) ? undefined : `there is no ${busybox}: apt-get install busybox-static`
}

const busybox = '/usr/bin/busybox'
const applets = [
  'sh',
  'cat',
  'echo',
  'sleep',
  'true',
  'false',
  'id',
  'ps',
  'stty',
  'tty',
  'head',
  'dd',
  'yes',
  'readlink',
  'ls',
  'tail',
  'wc',
  'kill',
  'touch',
]

/** A place to make containers in: a root file system, bundles, a runtime with a root of its own. */
export class Workshop {
  readonly directory: string
  readonly #runtime: ResolvedRuntime
  readonly #rootfs: string
  readonly #drivers: Runtime[] = []
  #last = 0

  constructor(runtime: ResolvedRuntime) {
    this.#runtime = runtime
    this.directory = mkdtempSync(join(tmpdir(), 'runwright-driver-'))
    chmodSync(this.directory, 0o711)
    this.#rootfs = join(this.directory, 'rootfs')
    for (const name of ['bin', 'dev', 'proc', 'sys', 'tmp'])
      mkdirSync(join(this.#rootfs, name), { recursive: true })
    copyFileSync(busybox, join(this.#rootfs, 'bin/busybox'))
    for (const applet of applets) symlinkSync('busybox', join(this.#rootfs, 'bin', applet))
  }

  /** A driver of the runtime; all of a workshop share a root and a directory. */
  driver(options: Partial<RuntimeOptions> = {}): Runtime {
    const { command, prefix, arguments: words } = this.#runtime
    const driver = new Runtime({
      command,
      prefix,
      arguments: words,
      root: join(this.directory, 'root'),
      directory: join(this.directory, 'own'),
      timeoutMs: 20_000,
      ...options,
    })
    this.#drivers.push(driver)
    return driver
  }

  /** A bundle that runs `args`. */
  bundle(args: readonly string[], edit: (spec: Spec) => void = () => undefined): BundlePath {
    this.#last += 1
    const path = join(this.directory, `bundle-${this.#last}`)
    const spec = referenceSpec({ profile: 'runc-1.1', cgroup: cgroupLayout().kind, ociVersion: '1.0.0' })
    spec.root = { path: this.#rootfs, readonly: true }
    if (spec.process !== undefined) {
      spec.process.args = [...args]
      spec.process.terminal = false
    }
    edit(spec)
    mkdirSync(path)
    writeFileSync(join(path, 'config.json'), stringifyJson(spec))
    return { path, spec }
  }

  /** A program that stands before the runtime, as distributions and debuggers put one. */
  wrapper(script: string): string {
    this.#last += 1
    const path = join(this.directory, `wrapper-${this.#last}`)
    const { prefix, command } = this.#runtime
    const words = [...prefix, command].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
    writeFileSync(path, `#!/bin/sh\nruntime() { ${words} "$@"; }\n${script}\n`, { mode: 0o755 })
    return path
  }

  /** Removes everything. @returns what should not have been there any more: files of the driver's, state, containers */
  async close(): Promise<string[]> {
    const leftovers: string[] = []
    for (const driver of this.#drivers) await driver.settled()
    for (const { root, directory } of this.#drivers.slice(0, 1)) {
      const driver = this.driver()
      for (const id of recordedContainers(directory)) {
        leftovers.push(`container ${id}`)
        await driver.remove(id)
      }
      await driver.settled()
      leftovers.push(...entriesOf(root).map((name) => `state ${name}`))
      leftovers.push(...entriesOf(join(directory, '.commands')).map((name) => `file ${name}`))
    }
    rmSync(this.directory, { recursive: true, force: true })
    return leftovers
  }
}

function entriesOf(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : []
}

/** The words of a shell that runs this script. */
export function shell(script: string): readonly string[] {
  return ['sh', '-c', script]
}

/** A program that waits to be killed. */
export const sleeping: readonly string[] = ['sleep', '600']
