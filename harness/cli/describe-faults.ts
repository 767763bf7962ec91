import type { Fault } from '../fault/index.ts'
import { type Cell, columns, type Paint } from '../report/index.ts'

/** The faults with their sentences. */
export function describeFaults(faults: readonly Fault[], paint: Paint, width: number): string {
  const rows = faults.map(({ area, id, sentence }): Cell[] => [
    { text: area },
    { text: id, paint: (text) => paint('strong', text) },
    { text: sentence },
  ])
  return columns(rows, width)
}
