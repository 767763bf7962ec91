import { BundleNameError } from './errors.ts'

const longestName = 128
const wellFormed = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/
const reserved: ReadonlySet<string> = new Set(['config.json'])
const rule = `a name has 1 to ${longestName} letters, digits, "_", ".", "+" or "-" and begins with a letter, a digit or "_"`

/**
 * Refuses a name that could not be a directory of its own directly below the registry's. Names have the alphabet of
 * container ids, so that a bundle's name can serve as one.
 *
 * @param what what the name is for, as the message should call it.
 * @throws BundleNameError
 */
export function checkName(name: string, what: 'bundle' | 'archive'): void {
  const flaw = flawOf(name)
  if (flaw !== undefined) throw new BundleNameError(what, name, `${flaw}; ${rule}`)
}

/** Whether a directory entry could be a bundle. */
export function isBundleName(name: string): boolean {
  return flawOf(name) === undefined
}

function flawOf(name: unknown): string | undefined {
  if (typeof name !== 'string') return `it is not text but ${name === null ? 'null' : typeof name}`
  if (name === '') return 'it is empty'
  if (name.length > longestName) return `it has ${name.length} characters`
  if (reserved.has(name)) return "it is the name of a bundle's own file"
  if (name.startsWith('.') || name.startsWith('-')) return `it begins with "${name.charAt(0)}"`
  if (!wellFormed.test(name)) return 'it has other characters'
  return undefined
}
