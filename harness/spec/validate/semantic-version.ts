/** The numbers a version starts with; what follows them is not compared. */
export interface SemanticVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

const number = '(0|[1-9]\\d*)'
const preRelease = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][\\dA-Za-z-]*)'
const build = '[\\dA-Za-z-]+'
const form = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${preRelease}(?:\\.${preRelease})*)?(?:\\+${build}(?:\\.${build})*)?$`,
)

/** Reads a version of the form of SemVer 2.0.0; `undefined` for anything else. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const [, major, minor, patch] = form.exec(text) ?? []
  if (major === undefined || minor === undefined || patch === undefined) return undefined
  return { major: Number(major), minor: Number(minor), patch: Number(patch) }
}

/** Whether a version is of the same or a later release than `major.minor`. */
export function isAtLeast(version: SemanticVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor)
}
