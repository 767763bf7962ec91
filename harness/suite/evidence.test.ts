import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bundle } from '../bundle/index.ts'
import { type CommandRecord, RuntimeError } from '../runtime/index.ts'
import { gatherEvidence } from './evidence.ts'
import type { FailedExpectation } from './expectation.ts'

let directory: string
let bundle: Bundle

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-evidence-'))
  bundle = await bundleWith('plain', '{ "hostname": "x" }')
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

async function bundleWith(name: string, config: string): Promise<Bundle> {
  const path = join(directory, name)
  await mkdir(path)
  await writeFile(join(path, 'config.json'), config)
  const spec = { ociVersion: '1.0.2' }
  return { name, source: 'busybox', archiveDigest: 'sha256:0', path, rootfs: join(path, 'rootfs'), spec }
}

/** A command that took the given span of time. */
function command(
  verb: string,
  words: readonly string[],
  [from, to]: readonly [number, number],
): CommandRecord {
  const argv = ['/usr/bin/runc', '--root', '/run/runwright/s1/root', verb, ...words]
  return {
    verb,
    argv,
    reproduction: argv,
    workingDirectory: '/',
    exitCode: 0,
    signal: undefined,
    stdout: '',
    stderr: '',
    log: [],
    startedAt: from,
    durationMs: to - from,
    timedOut: false,
  }
}

const message = 'expected the runtime to refuse, it accepted'
const refusal: FailedExpectation = { check: { kind: 'refused' }, isNegated: false, at: 35, message }
const error = Object.assign(new Error(message), { name: 'AssertionError' })

/** The decision over a test that created, started and killed, with some of its sources changed. */
function decision(changes: Partial<Parameters<typeof gatherEvidence>[0]> = {}) {
  const records = [
    command('create', ['--bundle', bundle.path, 'c1'], [0, 10]),
    command('kill', ['c1', '15'], [30, 34]),
    command('start', ['c1'], [20, 30]),
    command('delete', ['--force', 'c1'], [40, 50]),
  ]
  return gatherEvidence({ records, bundles: [bundle], error, failure: refusal, session: 's1', ...changes })
    .decision
}

describe('the command that decides', () => {
  test('is the last one before the expectation failed, in the order of time', () => {
    expect(decision()).toEqual({ position: 2, check: { kind: 'refused' }, isNegated: false })
  })

  test('is the one that the matcher names', () => {
    const run = command('run', ['--bundle', bundle.path, 'c2'], [0, 10])
    const other = command('run', ['--bundle', bundle.path, 'c3'], [10, 20])
    const failure = { ...refusal, check: { kind: 'exited', code: 3 }, command: run } as const
    expect(decision({ records: [run, other], failure })).toMatchObject({ position: 0, check: { code: 3 } })
  })

  test('is the one whose failure was thrown', () => {
    const failed = { ...command('start', ['c1'], [20, 30]), exitCode: 1 }
    const thrown = new RuntimeError({
      problem: { kind: 'exited', exitCode: 1 },
      program: 'runc',
      workingDirectory: '/',
      ...{ verb: 'start', reproduction: failed.reproduction, stdout: '', stderr: '', log: [] },
    })
    expect(decision({ records: [failed], error: thrown, failure: undefined })).toEqual({
      position: 0,
      check: { kind: 'refused' },
      isNegated: true,
    })
  })
})

describe('there is no verdict', () => {
  test('when the error is another than the matcher had', () => {
    expect(decision({ error: new Error('expected 1 to be 2') })).toHaveProperty('undecidable')
    expect(decision({ failure: undefined })).toHaveProperty('undecidable')
  })

  test('when commands ran beside each other', () => {
    const records = [command('run', ['c1'], [0, 30]), command('kill', ['c1'], [10, 20])]
    expect(decision({ records })).toEqual({ undecidable: expect.stringContaining('beside each other') })
  })

  test('when the test made a bundle by itself', () => {
    expect(decision({ bundles: [] })).toEqual({ undecidable: expect.stringContaining('bundle by itself') })
  })

  test('but a root file system of the session is one that can be made anew', async () => {
    const root = '/run/runwright/s1/shared/busybox'
    const sharing = { ...(await bundleWith('sharing', `{ "root": { "path": "${root}" } }`)), rootfs: root }
    const records = [command('run', ['--bundle', sharing.path, 'c1'], [0, 10])]
    expect(decision({ records, bundles: [sharing] })).toMatchObject({ position: 0 })
  })

  test.each([
    ['a file of the session', '{ "hooks": "/run/runwright/s1/hook" }', 'files or namespaces'],
    ['a terminal', '{ "process": { "terminal": true } }', 'files or namespaces'],
  ])('when the configuration needs %s', async (what, config, reason) => {
    const needy = await bundleWith(what, config)
    const records = [command('run', ['--bundle', needy.path, 'c1'], [0, 10])]
    expect(decision({ records, bundles: [needy] })).toEqual({ undecidable: expect.stringContaining(reason) })
  })
})

test('bundles are kept as they are at the end, with their archives', () => {
  const records = [command('run', ['--bundle', bundle.path, 'c1'], [0, 10])]
  const { bundles } = gatherEvidence({ records, bundles: [bundle], error, failure: undefined, session: 's1' })
  expect(bundles).toEqual([
    {
      path: bundle.path,
      config: '{ "hostname": "x" }',
      root: { path: join(bundle.path, 'rootfs'), archive: 'busybox', digest: 'sha256:0' },
    },
  ])
})
