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
