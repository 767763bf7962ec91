import type { SemVer } from 'semver'
import coerce from 'semver/functions/coerce.js'

/** What a runtime says about itself with `--version`. */
export interface RuntimeVersion {
  /** The name it gives itself, such as `runc`. */
  readonly name: string | undefined
  readonly version: string | undefined
  readonly commit: string | undefined
  /** The version of the runtime specification it was made for. */
  readonly spec: string | undefined
  /** All it said. */
  readonly text: string
}

/** gVisor counts by date, where Debian puts `0.0~` in front: in either form the date is the major version. */
const dated = /^(?:release-|0\.0~)(?<date>\d{8})(?:\.(?<build>\d+))?/

/** A version in a form in which versions of one runtime can be compared; null when it has no number. */
export function comparableVersion(version: string | undefined): SemVer | null {
  const { date, build = '0' } = dated.exec(version ?? '')?.groups ?? {}
  return coerce(date === undefined ? version : `${date}.${build}`)
}

const headline = /^(?<name>\S+) version:? (?<version>\S+)$/m

/**
 * Reads the answer to `--version`: a line `NAME version VERSION` and lines `commit: …` and `spec: …`. What is not
 * there is undefined.
 */
export function parseVersion(text: string): RuntimeVersion {
  const { name, version } = headline.exec(text)?.groups ?? {}
  return { name, version, commit: fieldOf(text, 'commit'), spec: fieldOf(text, 'spec'), text }
}

function fieldOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(?<value>\\S+)`, 'm').exec(text)?.groups?.['value']
}
