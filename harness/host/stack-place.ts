import { packageDirectory } from './directories.ts'

/**
 * The innermost place of a stack that is no package's: where somebody's own code was.
 *
 * @returns `/file:line:column`
 */
export function ownPlace(stack: string | undefined): string | undefined {
  const places = (stack ?? '').split('\n').flatMap((line) => frame.exec(line)?.[1] ?? [])
  const compiled = `${packageDirectory()}/dist/`
  return places.find((place) => !place.includes('/node_modules/') && !place.startsWith(compiled))
}

const frame = /^ +at (?:.*\()?(?:async )?(?:file:\/\/)?(\/.*:\d+:\d+)\)?$/
