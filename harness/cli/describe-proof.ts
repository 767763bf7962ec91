import { type FaultRecord, type Proof, summarize, type Verdict } from '../prove/index.ts'
import { type Cell, columns, indented, type Meaning, type Paint, wrap } from '../report/index.ts'

/** What each verdict looks like. */
const meanings: Readonly<Record<Verdict, Meaning>> = {
  killed: 'pass',
  noticed: 'fixed',
  survived: 'fail',
  unseen: 'deviation',
  'not-applicable': 'skip',
}

/** One line about a fault that is through. */
export function describeTrial(
  { id, verdict, failed, disturbed, passed, unrelated, changes }: FaultRecord,
  { position, planned }: { readonly position: number; readonly planned: number },
  paint: Paint,
): string {
  const asked = failed.length + disturbed.length + passed.length
  const facts = [
    `${failed.length} of ${asked} failed`,
    ...(disturbed.length === 0 ? [] : [`${disturbed.length} disturbed`]),
    `${unrelated.red.length} of ${unrelated.ran} unrelated`,
    ...(changes === 0 ? ['it never showed'] : []),
  ]
  const count = `${String(position).padStart(String(planned).length)}/${planned}`
  return `${count}  ${paint(meanings[verdict], verdict.padEnd(9))}  ${id}: ${facts.join(', ')}`
}

/** The table of areas, then what is left to do. */
export function describeProof(proof: Proof, paint: Paint, width: number): string {
  const { areas, survivors, neverKilled } = summarize(proof)
  const heading = ['', ...Object.keys(meanings), 'unrelated red']
  const rows = areas.map(({ area, counts, unrelated }): Cell[] => [
    { text: area },
    ...Object.values(counts).map((count) => ({ text: count === 0 ? '-' : String(count) })),
    { text: unrelated.ran === 0 ? '-' : `${((100 * unrelated.red) / unrelated.ran).toFixed(1)} %` },
  ])
  const table = columns([heading.map((text): Cell => ({ text })), ...rows], width)
  return [
    table,
    ...survivors.map((record) => describeSurvivor(record, paint, width)),
    ending(proof, neverKilled),
  ].join('\n\n')
}

function describeSurvivor(
  { id, sentence, passed, changes, breaksEverything }: FaultRecord,
  paint: Paint,
  width: number,
): string {
  const advice =
    changes === 0
      ? 'It never showed: no command of these tests is one that it changes.'
      : breaksEverything
        ? 'These tests passed nevertheless:'
        : 'These tests had to notice and passed:'
  const shown = passed.slice(0, mostShown)
  const more = passed.length > shown.length ? [`… and ${passed.length - shown.length} more`] : []
  const body = [...wrap(sentence, width - 2), advice, ...[...shown, ...more].map((test) => `  ${test}`)].join(
    '\n',
  )
  return `${paint('fail', `survived: ${id}`)}\n${indented(body, '  ')}`
}

const mostShown = 20

function ending({ faults, runtime }: Proof, neverKilled: readonly string[]): string {
  const count = (wanted: Verdict) => faults.filter(({ verdict }) => verdict === wanted).length
  const version = runtime.version === undefined ? '' : ` ${runtime.version}`
  const [first = '', ...more] = neverKilled
  const unproved =
    first === ''
      ? ''
      : `\n${neverKilled.length} tests were failed by no fault, such as ${[first, ...more].slice(0, 3).join(', ')}`
  return (
    `${faults.length} faults of ${runtime.name}${version}: ${count('killed')} killed, ${count('noticed')} noticed, ` +
    `${count('survived')} survived${unproved}`
  )
}
