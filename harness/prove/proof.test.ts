import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { record } from './proof.fixture.ts'
import { type Proof, ProofError, readProof, writeProof } from './proof.ts'

let output: string

beforeEach(() => {
  output = mkdtempSync(join(tmpdir(), 'proof-'))
})

afterEach(() => {
  rmSync(output, { recursive: true })
})

const proof: Proof = {
  schema: 'runwright.proof/1',
  runwright: '0.1.0',
  runtime: { name: 'runc', command: '/usr/sbin/runc', version: '1.1.5' },
  baseline: { 'a/1': 'pass' },
  faults: [record(), record({ id: 'other', verdict: 'unseen', reason: 'Nobody looks.' })],
}

test('what was written is read again, and nothing else is in the directory', async () => {
  const directory = join(output, 'new')
  await writeProof(directory, proof)
  expect(await readProof(directory)).toEqual(proof)
  expect(readdirSync(directory)).toEqual(['proof.json'])
})

test('where nothing was written there is no proof', async () => {
  expect(await readProof(output)).toBeUndefined()
})

test.each(['{', '{}', '{"schema":"runwright.proof/2"}'])('%s is no proof', async (text) => {
  writeFileSync(join(output, 'proof.json'), text)
  await expect(readProof(output)).rejects.toThrow(ProofError)
})
