/** One line of a runtime's log. */
export interface LogEntry {
  /** `error`, `warning`, `info`, `debug`, …; empty where the line does not say. */
  readonly level: string
  readonly message: string
  /** As the runtime wrote it; undefined where it wrote none. */
  readonly time: string | undefined
}

/**
 * Reads a runtime's log, as `--log FILE` makes it: one JSON object a line (`--log-format json`) or one line of
 * `key=value` pairs (`--log-format text` of runc). Any other line becomes the message of an entry without level,
 * so that nothing the runtime said is lost.
 */
export function parseLog(text: string): LogEntry[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => jsonEntry(line) ?? textEntry(line) ?? { level: '', message: line, time: undefined })
}

/** The last thing a runtime complained about: the cause of a failed command. */
export function lastError(entries: readonly LogEntry[]): string | undefined {
  return entries.findLast(isError)?.message
}

/** Whether the log ends with an error: then the command failed by the runtime's own account. */
export function endsWithError(entries: readonly LogEntry[]): boolean {
  const last = entries.at(-1)
  return last !== undefined && isError(last)
}

const errorLevels: readonly string[] = ['error', 'fatal', 'panic']

function isError({ level }: LogEntry): boolean {
  return errorLevels.includes(level.toLowerCase())
}

function jsonEntry(line: string): LogEntry | undefined {
  const value = parsedObject(line)
  if (value === undefined) return undefined
  const message = textOf(value['msg']) ?? textOf(value['message']) ?? messageInFields(value['fields'])
  if (message === undefined) return undefined
  return {
    level: textOf(value['level'])?.toLowerCase() ?? '',
    message,
    time: textOf(value['time']) ?? textOf(value['timestamp']),
  }
}

/** youki keeps the message one level deeper. */
function messageInFields(fields: unknown): string | undefined {
  return isObject(fields) ? textOf(fields['message']) : undefined
}

function parsedObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

const pair = /(?<key>\w+)=(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>\S*))/g

function textEntry(line: string): LogEntry | undefined {
  const pairs = new Map<string, string>()
  for (const { groups } of line.matchAll(pair)) {
    if (groups?.['key'] !== undefined)
      pairs.set(groups['key'], groups['bare'] ?? unescaped(groups['quoted'] ?? ''))
  }
  const level = pairs.get('level')
  const message = pairs.get('msg')
  return level === undefined || message === undefined
    ? undefined
    : { level, message, time: pairs.get('time') }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_whole, character: string) => escapes[character] ?? character)
}
