import type { FaultRecord, Proof } from './proof.ts'

/**
 * The faults and the suites that notice them, as Markdown: a table for each area, with how many tests of a suite failed
 * out of those that had to notice.
 */
export function describeMatrix({ faults }: Proof): string {
  const areas = [...new Set(faults.map(({ area }) => area))]
  return areas
    .map((area) =>
      areaTable(
        area,
        faults.filter((fault) => fault.area === area),
      ),
    )
    .join('\n')
}

function areaTable(area: string, faults: readonly FaultRecord[]): string {
  const rows = faults.map(({ id, sentence, verdict, reason, ...found }) => [
    `\`${id}\``,
    sentence,
    reason === undefined ? verdict : `${verdict}: ${reason}`,
    noticedBy(found),
  ])
  const table = [['fault', 'what is wrong', 'verdict', 'noticed by'], ['---', '---', '---', '---'], ...rows]
  return `### ${area}\n\n${table.map((cells) => `| ${cells.map(inCell).join(' | ')} |`).join('\n')}\n`
}

function noticedBy({
  failed,
  disturbed,
  passed,
}: Pick<FaultRecord, 'failed' | 'disturbed' | 'passed'>): string {
  const suiteOf = (id: string) => id.split('/')[0] ?? id
  const count = (ids: readonly string[], suite: string) => ids.filter((id) => suiteOf(id) === suite).length
  const asked = [...failed, ...disturbed, ...passed]
  const noticing = new Set([...failed, ...disturbed].map(suiteOf))
  return [...noticing]
    .map((suite) => `${suite} ${count([...failed, ...disturbed], suite)}/${count(asked, suite)}`)
    .join(', ')
}

function inCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
}
