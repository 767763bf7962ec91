/**
 * Processes that make and remove bundles of the same names are killed at random. Whatever was interrupted, a bundle that
 * has its name is whole, a name has one definition, and the next process can go on.
 *
 * RUNWRIGHT_CRASH_KILLS=1000 makes a long run of it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { programPath, until } from '../host/index.ts'
import { BundleRegistry } from './index.ts'
import { temporaryDirectory } from './registry.fixture.ts'

const kills = Number(process.env['RUNWRIGHT_CRASH_KILLS'] ?? 24)
const workersAtOnce = 4
const mostSteps = 10
const stepMs = 20
const timeoutMs = 60_000 + kills * 2000

const report = v.object({
  begins: v.optional(v.boolean()),
  name: v.optional(v.string()),
  variant: v.optional(v.string()),
  violation: v.optional(v.string()),
})

interface Yard {
  readonly directory: string
  readonly archive: string
  /** Directory with a file for each worker. */
  readonly reports: string
}

function prepare(home: string): Yard {
  const tree = join(home, 'tree')
  mkdirSync(tree)
  for (let file = 0; file < 24; file += 1) writeFileSync(join(tree, `file-${file}`), 'x'.repeat(5000))
  const archive = join(home, 'archive.tar')
  execFileSync('tar', ['-C', tree, '-cf', archive, '.'])
  return { directory: join(home, 'bundles'), archive, reports: mkdtempSync(join(home, 'reports-')) }
}

/** What a worker reported, all of them without a number. */
function readReports({ reports }: Yard, worker?: number) {
  const files = worker === undefined ? readdirSync(reports) : [String(worker)]
  return files
    .map((file) => join(reports, file))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))
    .map((line) => v.parse(report, JSON.parse(line)))
}

function startWorker({ directory, archive, reports }: Yard, number: number): ChildProcess {
  const worker = fileURLToPath(new URL('crash-worker.fixture.mjs', import.meta.url))
  const registry = programPath('modules/harness/bundle/index.js')
  const args = [worker, registry, directory, archive, join(reports, String(number))]
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Starts a worker, lets it begin some steps and go on for a moment, both at random, and kills it. */
async function liveAndDie(yard: Yard, number: number): Promise<void> {
  const worker = startWorker(yard, number)
  const exited = once(worker, 'exit')
  const steps = 1 + Math.floor(Math.random() * mostSteps)
  try {
    const hasWorked = () => {
      if (worker.exitCode !== null)
        throw new Error(`worker ${number} ended by itself, with ${worker.exitCode}`)
      return readReports(yard, number).filter(({ begins }) => begins).length >= steps
    }
    await until(hasWorked, { timeoutMs: 60_000, what: `worker ${number} to begin ${steps} steps` })
    await delay(Math.random() * stepMs)
  } finally {
    worker.kill('SIGKILL')
    await exited
  }
}

describe('the registry', () => {
  test(`survives ${kills} processes being killed at work`, { timeout: timeoutMs }, async ({
    onTestFinished,
  }) => {
    const yard = prepare(temporaryDirectory(onTestFinished))
    let started = 0
    const keepOneAlive = async () => {
      while (started < kills) {
        started += 1
        await liveAndDie(yard, started)
      }
    }
    const ends = await Promise.allSettled(Array.from({ length: workersAtOnce }, keepOneAlive))
    expect(ends.filter(({ status }) => status === 'rejected')).toEqual([])

    const reports = readReports(yard)
    expect(reports.flatMap(({ violation }) => violation ?? [])).toEqual([])
    for (const name of ['kept-1', 'kept-2']) {
      const made = reports.filter((line) => line.name === name)
      expect(made.length).toBeGreaterThan(0)
      const [variant, ...others] = new Set(made.map((line) => line.variant))
      expect(others).toEqual([])
      expect((await registryAt(yard).requireBundle(name)).spec.hostname).toBe(variant)
    }
    await expectUsable(yard)
  })
})

function registryAt({ directory }: Yard): BundleRegistry {
  return new BundleRegistry({
    directory,
    archives: {
      resolve: async (name) => ({ name, path: '', digest: '' }),
      populate: async (_, destination) => mkdirSync(destination),
    },
    referenceSpec: async () => ({ ociVersion: '1.0.0' }),
  })
}

async function expectUsable(yard: Yard): Promise<void> {
  const registry = registryAt(yard)
  await registry.removeAll()
  for (const place of ['aside', 'stamps']) {
    expect(readdirSync(join(yard.directory, '.registry', place)), place).toEqual([])
  }
  for (const name of ['kept-1', 'kept-2', 'removed-1', 'removed-2'])
    await registry.createBusyboxBundle(name, ['x'])
}
