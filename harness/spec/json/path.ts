/** The way from the top of a document to a value in it: member names and array positions. */
export type JsonPath = readonly (string | number)[]

const plainName = /^[A-Za-z_$][\w$-]*$/

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`
  return plainName.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
}

/**
 * A path as people write it: `process.rlimits[0].type`, `annotations["a.b"]`.
 * The document itself is the empty string.
 */
export function formatPath(path: JsonPath): string {
  return path.map(formatStep).join('').replace(/^\./, '')
}

const step = /\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y

function readStep([, name, position, quoted]: RegExpExecArray): string | number | undefined {
  if (name !== undefined) return name
  if (position !== undefined) return Number(position)
  try {
    const text: unknown = JSON.parse(quoted ?? '')
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

/** Reads what `formatPath` writes; `undefined` for a text that is no path. */
export function parsePath(text: string): JsonPath | undefined {
  const steps: (string | number)[] = []
  step.lastIndex = 0
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    const read = match === null ? undefined : readStep(match)
    if (match === null || read === undefined) return undefined
    // A name needs a dot before it, except at the start.
    if (match[1] !== undefined && (match.index === 0) === match[0].startsWith('.')) return undefined
    steps.push(read)
  }
  return steps
}
