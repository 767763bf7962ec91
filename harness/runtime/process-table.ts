/** The processes of a container as a table of `ps` shows them. */
export interface ProcessTable {
  readonly headers: readonly string[]
  /** One row a process, as many fields as there are headers. */
  readonly processes: readonly (readonly string[])[]
}

/**
 * Reads the table that `ps` of a runtime prints: a line of headers, then a line for each process, whose last field
 * may hold blanks. Rows of threads, whose PID is `-`, are left out; a table without a PID column keeps all its rows.
 */
export function parseProcessTable(text: string): ProcessTable {
  const [first = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '')
  const headers = first.trim().split(/\s+/).filter(Boolean)
  const pidColumn = headers.indexOf('PID')
  const processes = rest
    .map((line) => fieldsOf(line, headers.length))
    .filter((fields) => fields[pidColumn] !== '-')
  return { headers, processes }
}

/** Splits a line at its blanks into a number of fields; the last takes all that is left. */
function fieldsOf(line: string, count: number): string[] {
  const fields: string[] = []
  let rest = line.trim()
  while (fields.length < count - 1 && rest !== '') {
    const [field = ''] = rest.split(/\s/, 1)
    fields.push(field)
    rest = rest.slice(field.length).trimStart()
  }
  return rest === '' ? fields : [...fields, rest]
}
