import { TarFormatError } from './header.ts'

/** Records of an extended header, in order; keys and values hold one character per byte. */
export type PaxRecords = ReadonlyMap<string, string>

/**
 * Decodes the content of an extended header: records `LENGTH KEY=VALUE\n`, the length counting itself (POSIX.1 pax,
 * "pax Extended Header"). Values are bytes: they may hold newlines, NUL and anything else.
 *
 * @throws TarFormatError when a length does not lead from one record to the next.
 */
export function decodePax(content: Buffer): PaxRecords {
  const records = new Map<string, string>()
  let at = 0
  while (at < content.length) {
    const space = content.indexOf(0x20, at)
    const digits = space === -1 ? '' : content.toString('latin1', at, Math.min(space, at + 20))
    const end = /^[0-9]+$/.test(digits) ? at + Number(digits) : 0
    const equals = content.indexOf(0x3d, space + 1)
    if (end <= space + 1 || end > content.length || content[end - 1] !== 0x0a) throw malformed()
    if (equals === -1 || equals >= end) throw malformed()
    records.set(
      content.toString('latin1', space + 1, equals),
      content.toString('latin1', equals + 1, end - 1),
    )
    at = end
  }
  return records
}

/** Encodes records the way `decodePax` reads them. */
export function encodePax(records: PaxRecords): Buffer {
  return Buffer.from([...records].map(([key, value]) => record(key, value)).join(''), 'latin1')
}

function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const guess = rest.length + String(rest.length).length
  const length = rest.length + String(guess).length
  return `${length}${rest}`
}

function malformed(): TarFormatError {
  return new TarFormatError('an extended header is malformed')
}
