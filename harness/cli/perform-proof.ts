import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { programPath } from '../host/index.ts'
import { describeMatrix, type Proof, type ProveRequest, prove, summarize } from '../prove/index.ts'
import { widthOf } from '../report/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { describeProof, describeTrial } from './describe-proof.ts'
import { packageVersion } from './package-version.ts'
import type { RunTerminal } from './run-request.ts'

/** What a proof was asked for. */
export interface ProofRequest extends Omit<ProveRequest, 'runwright' | 'runtime' | 'suitesModule'> {
  /** A profile's name or a path. */
  readonly runtime: string
  readonly form: 'text' | 'json'
  /** Absolute path of a file that the matrix of faults and suites goes to. */
  readonly matrix?: string
}

/**
 * Tries faults and prints what came of it.
 *
 * @returns the exit code: 0 when no fault survived, 1 when one did, 2 when it was stopped before it knew
 * @throws RunwrightError when the proof could not be made at all
 */
export async function performProof(
  request: ProofRequest,
  terminal: Omit<RunTerminal, 'isWorkflow'>,
): Promise<number> {
  const { output, progress, paint, cancelled } = terminal
  const known = await prove(
    {
      ...request,
      runwright: packageVersion(),
      runtime: await resolveRuntime(request.runtime),
      suitesModule: pathToFileURL(programPath('suites/index.js')).href,
    },
    {
      measuring: (tests) => progress.write(`${tests} tests on the unmodified runtime\n`),
      tried: (record, position, planned) =>
        progress.write(`${describeTrial(record, { position, planned }, paint)}\n`),
    },
    cancelled,
  )
  const proof = aboutFaults(known, request)
  if (request.matrix !== undefined) await writeMatrix(request.matrix, proof)
  const text = request.form === 'json' ? JSON.stringify(proof) : describeProof(proof, paint, widthOf(output))
  output.write(`${text}\n`)
  if (cancelled.aborted) return 2
  return summarize(proof).survivors.length === 0 ? 0 : 1
}

/** What is known of the faults that were asked for. */
function aboutFaults(proof: Proof, { faults }: ProofRequest): Proof {
  const ids = new Set(faults.map(({ id }) => id))
  return { ...proof, faults: proof.faults.filter(({ id }) => ids.has(id)) }
}

async function writeMatrix(path: string, proof: Proof): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, describeMatrix(proof))
}
