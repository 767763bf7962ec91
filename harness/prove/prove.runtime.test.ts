// Proofs on the real runc, by faults and suites made for the purpose.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { all, configuration, type Fault, FaultsError, program } from '../fault/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { withHostname } from '../spec/index.ts'
import { fault } from './proof.fixture.ts'
import type { Proof } from './proof.ts'
import { type ProveRequest, prove } from './prove.ts'

// Each proof starts the test runner twice, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000 })

const isPossible = process.geteuid?.() === 0

let output: string

beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'proof-'))
})

afterEach(() => {
  rmSync(output, { recursive: true })
})

const violates = ['hostname-optional']
const wrong = fault({ id: 'wrong', area: 'names', violates, effect: configuration(withHostname('wrong')) })
const right = fault({ id: 'right', area: 'names', violates, effect: all() })

/** Proves, and tells which faults were tried. */
async function proved(
  faults: readonly Fault[],
  members: Partial<ProveRequest> = {},
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<{
  readonly proof: Proof
  readonly tried: readonly string[]
  readonly measured: readonly number[]
}> {
  const tried: string[] = []
  const measured: number[] = []
  const stopped = new AbortController()
  const request: ProveRequest = {
    runwright: '0.0.0',
    runtime: await resolveRuntime('runc'),
    faults,
    again: false,
    everyTest: false,
    suitesModule: new URL('suites.fixture.mjs', import.meta.url).href,
    jobs: 4,
    commandTimeoutMs: 15_000,
    output,
    ...members,
  }
  const proof = await prove(
    request,
    {
      measuring: (tests) => measured.push(tests),
      tried: ({ id }) => {
        tried.push(id)
        if (tried.length >= stopAfter) stopped.abort()
      },
    },
    stopped.signal,
  )
  return { proof, tried, measured }
}

describe.skipIf(!isPossible)('a proof', () => {
  test('tells a fault that tests notice from one that none does, and disturbs no other suite', async () => {
    const { proof, measured } = await proved([wrong, right])
    const found = new Map(proof.faults.map((record) => [record.id, record]))
    const unrelated = { ran: 1, red: [] }
    expect(found.get('wrong')).toMatchObject({
      verdict: 'killed',
      failed: ['names/the-container-has-the-configured-name'],
      passed: ['names/the-container-has-any-name'],
      changes: 3,
      unrelated,
    })
    expect(found.get('right')).toMatchObject({ verdict: 'survived', changes: 0, failed: [], unrelated })
    expect(measured).toEqual([3])
    expect(JSON.parse(readFileSync(join(output, 'proof.json'), 'utf8'))).toEqual(proof)
  })

  test('says of a fault that does what does not work on the runtime either that it is not applicable', async () => {
    const requires = ['others/a-program-that-is-missing-runs']
    const { proof } = await proved([
      { ...wrong, requires },
      { ...right, requires: ['others/a-program-runs'] },
    ])
    expect(proof.faults).toMatchObject([
      { id: 'wrong', verdict: 'not-applicable', reason: expect.stringContaining(requires.join()) },
      { id: 'right', verdict: 'survived' },
    ])
  })

  test('goes on where another has stopped, and begins anew for another version of the runtime', async () => {
    await proved([wrong])
    const more = await proved([wrong, right])
    expect(more).toMatchObject({ tried: ['right'], measured: [] })
    expect(more.proof.faults).toHaveLength(2)
    expect((await proved([wrong], { again: true })).tried).toEqual(['wrong'])
    const path = join(output, 'proof.json')
    const withTestThatIsNoMore: Proof = JSON.parse(readFileSync(path, 'utf8'))
    const baseline = { ...withTestThatIsNoMore.baseline, 'names/no-more': 'pass' }
    writeFileSync(path, JSON.stringify({ ...withTestThatIsNoMore, baseline }, undefined, 2))
    expect((await proved([wrong])).proof.baseline).not.toHaveProperty('names/no-more')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"version": ".*"/, '"version": "0.1"'))
    const anew = await proved([right])
    expect(anew.proof.faults).toHaveLength(1)
    expect(anew.measured).toHaveLength(1)
  })

  test('that is stopped keeps what it has found', async () => {
    const slow = fault({ id: 'slow', violates: 'everything', effect: program('all', 'sleep 60') })
    const { tried } = await proved([wrong, slow], {}, 1)
    expect(tried).toEqual(['wrong'])
    const kept: Proof = JSON.parse(readFileSync(join(output, 'proof.json'), 'utf8'))
    expect(kept.faults).toMatchObject([{ id: 'wrong', verdict: 'killed' }])
  })

  test('refuses a fault that violates no known requirement', async () => {
    await expect(proved([fault({ violates: ['nothing-known'] })])).rejects.toThrow(FaultsError)
  })
})
