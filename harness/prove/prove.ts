import { checkFaults, type Fault } from '../fault/index.ts'
import { RunwrightError } from '../host/index.ts'
import type { Outcome, SuiteDeclaration, TestReport } from '../suite/index.ts'
import { type FaultRecord, type Proof, readProof, writeProof } from './proof.ts'
import { bystandersOf, coveringTests, sampleOf, unrelatedTests } from './selection.ts'
import { notApplicable, recordOf, type Trial } from './trial.ts'
import { unmodified, Workbench, type WorkbenchOptions } from './workbench.ts'

/** What is to be proved. */
export interface ProveRequest extends WorkbenchOptions {
  /** The version of the harness. */
  readonly runwright: string
  /** The faults to try, in this order. */
  readonly faults: readonly Fault[]
  /** Whether those are tried again that the output directory knows already. */
  readonly again: boolean
  /** Whether every test is run on every fault, and not only those that have to notice and a few beside. */
  readonly everyTest: boolean
  /** Absolute path of the directory that proof.json is read from and goes to. */
  readonly output: string
}

/** What a proof wants to be heard of. */
export interface ProveListener {
  /** The unmodified runtime is about to run tests. */
  measuring(tests: number): void
  /** A fault is through. */
  tried(record: FaultRecord, position: number, planned: number): void
}

/** The runner came to grief, so that some faults could not be tried. */
export class ProofBrokenError extends RunwrightError {
  override readonly code = 'PROOF_BROKEN'
}

/**
 * Tries faults: runs the tests that have to notice each on a runtime which has it. What is found is written down after
 * every fault, so that a proof that was interrupted goes on where it stopped.
 *
 * @returns everything that is known, also from before
 * @throws FaultsError; ProofError; ProofBrokenError
 */
export async function prove(
  request: ProveRequest,
  listener: ProveListener,
  cancelled: AbortSignal,
): Promise<Proof> {
  await using workbench = await Workbench.open(request)
  const { suites, catalogue } = workbench.suites
  checkFaults(request.faults, catalogue)
  const proofs = new ProofKeeper(request, await readProof(request.output), suites)
  const todo = request.faults.filter(({ id }) => request.again || !proofs.knows(id))
  const sample = request.everyTest ? suites.flatMap(({ tests }) => tests) : sampleOf(suites)
  const trials = todo.map((fault): Trial => {
    const covering = coveringTests(fault, suites)
    return { fault, covering: idsOf(covering), unrelated: idsOf(unrelatedTests(sample, covering)) }
  })
  await measure(workbench, proofs, trials, { listener, cancelled })
  const progress = new Progress(listener, proofs, todo.length)
  for (const batch of batchesOf(trials.map((trial) => passing(trial, proofs, request)))) {
    if (cancelled.aborted) break
    await tryBatch(workbench, batch, progress, cancelled)
  }
  return proofs.proof
}

/** A test that did not pass may have been disturbed by the machine; it gets a second chance. */
const mostMeasurements = 2

/** Runs the tests of trials on the unmodified runtime, unless that is known. */
async function measure(
  workbench: Workbench,
  proofs: ProofKeeper,
  trials: readonly Trial[],
  { listener, cancelled }: { readonly listener: ProveListener; readonly cancelled: AbortSignal },
): Promise<void> {
  const wanted = [
    ...new Set(
      trials.flatMap(({ fault, covering, unrelated }) => [
        ...covering,
        ...unrelated,
        ...(fault.requires ?? []),
      ]),
    ),
  ]
  let missing = wanted.filter((id) => proofs.outcomeOf(id) === undefined)
  for (let round = 0; round < mostMeasurements && missing.length > 0; round += 1) {
    listener.measuring(missing.length)
    const fault = { ...unmodified, id: `${unmodified.id}-${round}` }
    const end = await workbench.run(
      [{ fault, tests: missing }],
      ({ id, outcome }) => proofs.measured(id, outcome),
      cancelled,
    )
    if (cancelled.aborted) return
    await proofs.save()
    refuse(
      end.errors,
      missing.filter((id) => proofs.outcomeOf(id) === undefined),
    )
    missing = missing.filter((id) => ['fail', 'broken'].includes(proofs.outcomeOf(id) ?? ''))
  }
}

/** What of a trial can show anything: tests that pass on the unmodified runtime. */
function passing(
  { fault, covering, unrelated }: Trial,
  proofs: ProofKeeper,
  { everyTest }: ProveRequest,
): Trial {
  const passes = (id: string) => proofs.outcomeOf(id) === 'pass'
  const others = unrelated.filter(passes)
  const hopeless = hopelessness(fault, covering, passes)
  return {
    fault,
    covering: covering.filter(passes),
    unrelated: everyTest ? others : bystandersOf(fault, others),
    ...(hopeless === undefined ? {} : { hopeless }),
  }
}

function hopelessness(
  { requires = [] }: Fault,
  covering: readonly string[],
  passes: (id: string) => boolean,
): string | undefined {
  if (!covering.some(passes)) return 'no test that has to notice it passes on the runtime without it'
  const lacking = requires.find((id) => !passes(id))
  return lacking && `what the fault does instead does not work on the runtime: ${lacking} does not pass`
}

/** So many tests, at most, are registered with one start of the test runner: it keeps every report in memory. */
const mostTests = 1_500

function batchesOf(trials: readonly Trial[]): readonly (readonly Trial[])[] {
  const batches: Trial[][] = []
  let room = 0
  for (const trial of trials) {
    const size = trial.covering.length + trial.unrelated.length
    if (batches.length === 0 || size > room) {
      batches.push([])
      room = mostTests
    }
    batches.at(-1)?.push(trial)
    room -= size
  }
  return batches
}

async function tryBatch(
  workbench: Workbench,
  trials: readonly Trial[],
  progress: Progress,
  cancelled: AbortSignal,
): Promise<void> {
  for (const { fault, hopeless } of trials) {
    if (hopeless !== undefined) progress.add(notApplicable(fault, hopeless))
  }
  const promising = trials.filter(({ hopeless }) => hopeless === undefined)
  const open = new Map(promising.map((trial) => [trial.fault.id, { trial, reports: [] as TestReport[] }]))
  const end = await workbench.run(
    promising.map(({ fault, covering, unrelated }) => ({ fault, tests: [...covering, ...unrelated] })),
    (report, { id }) => {
      const entry = open.get(id)
      if (entry === undefined) return
      const { trial, reports } = entry
      reports.push(report)
      if (reports.length < trial.covering.length + trial.unrelated.length) return
      open.delete(id)
      progress.add(recordOf(trial, reports, workbench.server.accountOf(trial.fault)))
    },
    cancelled,
  )
  await progress.saved
  if (!cancelled.aborted) refuse(end.errors, [...open.keys()])
}

function refuse(errors: readonly string[], missing: readonly string[]): void {
  if (missing.length === 0) return
  throw new ProofBrokenError(
    `the test runner gave no report of ${missing.length} (${missing.slice(0, 5).join(', ')} …); what was found is kept, ` +
      `and the same command goes on from there\n${errors.join('\n')}`,
  )
}

function idsOf(tests: readonly { readonly id: string }[]): readonly string[] {
  return tests.map(({ id }) => id)
}

/** Keeps what is known, in memory and in the output directory. */
class ProofKeeper {
  readonly #output: string
  readonly #baseline: Map<string, Outcome>
  readonly #records: Map<string, FaultRecord>
  readonly #head: Omit<Proof, 'baseline' | 'faults'>

  /**
   * @param known what is there already; it is dropped when it is about another runtime or version, and what it says of
   * tests that are no more
   */
  constructor(
    { runwright, runtime, output }: ProveRequest,
    known: Proof | undefined,
    suites: readonly SuiteDeclaration[],
  ) {
    const { name, command, version } = runtime
    const number = version?.version
    this.#head = {
      schema: 'runwright.proof/1',
      runwright,
      runtime: { name, command, ...(number === undefined ? {} : { version: number }) },
    }
    const fits =
      known?.runwright === runwright && known.runtime.command === command && known.runtime.version === number
    this.#output = output
    const ids = new Set(suites.flatMap(({ tests }) => idsOf(tests)))
    this.#baseline = new Map(Object.entries(fits ? known.baseline : {}).filter(([id]) => ids.has(id)))
    this.#records = new Map(fits ? known.faults.map((record) => [record.id, record]) : [])
  }

  get proof(): Proof {
    return {
      ...this.#head,
      baseline: Object.fromEntries(this.#baseline),
      faults: [...this.#records.values()],
    }
  }

  knows(fault: string): boolean {
    return this.#records.has(fault)
  }

  outcomeOf(test: string): Outcome | undefined {
    return this.#baseline.get(test)
  }

  measured(test: string, outcome: Outcome): void {
    this.#baseline.set(test, outcome)
  }

  tried(record: FaultRecord): void {
    this.#records.set(record.id, record)
  }

  async save(): Promise<void> {
    await writeProof(this.#output, this.proof)
  }
}

/** Counts the faults that are through, and has each written down. */
class Progress {
  /** Settles when everything so far is on disk. */
  saved: Promise<void> = Promise.resolve()
  readonly #listener: ProveListener
  readonly #proofs: ProofKeeper
  readonly #planned: number
  #done = 0

  constructor(listener: ProveListener, proofs: ProofKeeper, planned: number) {
    this.#listener = listener
    this.#proofs = proofs
    this.#planned = planned
  }

  add(record: FaultRecord): void {
    this.#done += 1
    this.#proofs.tried(record)
    this.#listener.tried(record, this.#done, this.#planned)
    this.saved = this.saved.then(() => this.#proofs.save())
  }
}
