/**
 * Processes that make and remove bundles of the same names are killed at random. Whatever was interrupted, a bundle that
 * has its name is whole, a name has one definition, and the next process can go on.
 *
 * RUNWRIGHT_CRASH_KILLS=1000 makes a long run of it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
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
const longestLifeMs = 250
const timeoutMs = 60_000 + kills * 2000

const report = v.object({
  pid: v.number(),
  ready: v.optional(v.boolean()),
  name: v.optional(v.string()),
  variant: v.optional(v.string()),
  violation: v.optional(v.string()),
})

interface Yard {
  readonly directory: string
  readonly archive: string
  readonly reports: string
}

function prepare(home: string): Yard {
  const tree = join(home, 'tree')
  mkdirSync(tree)
  for (let file = 0; file < 24; file += 1) writeFileSync(join(tree, `file-${file}`), 'x'.repeat(5000))
  const archive = join(home, 'archive.tar')
  execFileSync('tar', ['-C', tree, '-cf', archive, '.'])
  const reports = join(home, 'reports')
  writeFileSync(reports, '')
  return { directory: join(home, 'bundles'), archive, reports }
}

function readReports({ reports }: Yard) {
  const lines = readFileSync(reports, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => v.parse(report, JSON.parse(line)))
}

function startWorker({ directory, archive, reports }: Yard): ChildProcess {
  const worker = fileURLToPath(new URL('crash-worker.fixture.mjs', import.meta.url))
  const args = [worker, programPath('harness/bundle/index.js'), directory, archive, reports]
  return spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
}

/** Starts a worker, lets it work for a random time, and kills it. */
async function liveAndDie(yard: Yard): Promise<void> {
  const worker = startWorker(yard)
  const exited = once(worker, 'exit')
  try {
    const isReady = () => readReports(yard).some(({ pid, ready }) => pid === worker.pid && ready)
    await until(isReady, { timeoutMs: 30_000, what: 'a worker to be ready' })
    await delay(Math.random() * longestLifeMs)
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
        await liveAndDie(yard)
      }
    }
    await Promise.all(Array.from({ length: workersAtOnce }, keepOneAlive))

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
