import type { FaultRecord, Proof, Verdict } from './proof.ts'

/** How the faults of one area fared. */
export interface AreaSummary {
  readonly area: string
  readonly counts: Readonly<Record<Verdict, number>>
  /** Tests of other suites that a fault of this area ran beside, and how many of them it made red. */
  readonly unrelated: { readonly ran: number; readonly red: number }
}

/** What a proof says in all. */
export interface ProofSummary {
  readonly areas: readonly AreaSummary[]
  readonly survivors: readonly FaultRecord[]
  /** Tests that pass on the unmodified runtime and that no fault made fail; those that break everything do not count. */
  readonly neverKilled: readonly string[]
}

/** Puts together what a proof says. */
export function summarize({ faults, baseline }: Proof): ProofSummary {
  const areas = [...new Set(faults.map(({ area }) => area))]
  const killed = new Set(faults.filter((fault) => !fault.breaksEverything).flatMap(({ failed }) => failed))
  return {
    areas: areas.map((area) =>
      summarizeArea(
        area,
        faults.filter((fault) => fault.area === area),
      ),
    ),
    survivors: faults.filter(({ verdict }) => verdict === 'survived'),
    neverKilled: Object.entries(baseline).flatMap(([id, outcome]) =>
      outcome === 'pass' && !killed.has(id) ? [id] : [],
    ),
  }
}

function summarizeArea(area: string, faults: readonly FaultRecord[]): AreaSummary {
  const count = (wanted: Verdict) => faults.filter(({ verdict }) => verdict === wanted).length
  return {
    area,
    counts: {
      killed: count('killed'),
      noticed: count('noticed'),
      survived: count('survived'),
      unseen: count('unseen'),
      'not-applicable': count('not-applicable'),
    },
    unrelated: {
      ran: faults.reduce((sum, { unrelated }) => sum + unrelated.ran, 0),
      red: faults.reduce((sum, { unrelated }) => sum + unrelated.red.length, 0),
    },
  }
}
