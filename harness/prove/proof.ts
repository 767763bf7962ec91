import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { RunwrightError } from '../host/index.ts'
import { outcomes } from '../suite/index.ts'

const testIds = v.array(v.string())

const recordSchema = v.object({
  id: v.string(),
  area: v.string(),
  sentence: v.string(),
  verdict: v.picklist(['killed', 'noticed', 'survived', 'unseen', 'not-applicable']),
  /** Why it is not applicable, or cannot be seen. */
  reason: v.exactOptional(v.string()),
  /** Whether no test of any suite may pass. */
  breaksEverything: v.boolean(),
  /** Tests that had to notice: those that failed, those that could not judge or found something left, those that passed. */
  failed: testIds,
  disturbed: testIds,
  passed: testIds,
  /** Tests of suites that have nothing to do with the fault: how many ran, and which of them were not green. */
  unrelated: v.object({ ran: v.number(), red: testIds }),
  /** What each of these said that was not green, in one line. */
  words: v.record(v.string(), v.string()),
  /** How many commands were not what they should have been. */
  changes: v.number(),
  /** The time of its tests, in milliseconds, as if none had run beside another. */
  testMs: v.number(),
})

/** What became of one fault. */
export interface FaultRecord extends v.InferOutput<typeof recordSchema> {}

/** `killed`: a test failed. `noticed`: none did, but one could not judge or found something left. */
export type Verdict = FaultRecord['verdict']

const proofSchema = v.object({
  schema: v.literal('runwright.proof/1'),
  runwright: v.string(),
  runtime: v.object({ name: v.string(), command: v.string(), version: v.exactOptional(v.string()) }),
  /** What each test does on the unmodified runtime; one that does not pass there can kill nothing. */
  baseline: v.record(v.string(), v.picklist(outcomes)),
  faults: v.array(recordSchema),
})

/** proof.json: what is known of the faults that were tried so far on one runtime. */
export interface Proof extends v.InferOutput<typeof proofSchema> {}

/** What stands where a proof should is none. */
export class ProofError extends RunwrightError {
  override readonly code = 'PROOF'
}

const fileName = 'proof.json'

/**
 * Reads what an earlier run has proved.
 *
 * @param directory its output directory
 * @returns undefined where there is none
 * @throws ProofError
 */
export async function readProof(directory: string): Promise<Proof | undefined> {
  const path = join(directory, fileName)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), proofSchema), text)
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new ProofError(`${path} is no proof (${issue.message}): remove it, or give another --output`)
}

/** Writes a proof, aside and then renamed: a reader, or the next run, never sees half of it. */
export async function writeProof(directory: string, proof: Proof): Promise<string> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, fileName)
  const aside = `${path}.${process.pid}`
  await writeFile(aside, `${JSON.stringify(proof, undefined, 2)}\n`)
  await rename(aside, path)
  return path
}
