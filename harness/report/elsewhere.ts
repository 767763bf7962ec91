import { join } from 'node:path'
import type { Results } from './results.ts'

/**
 * The results as they are told from another place than their own: with paths that lead to the directories of red tests.
 *
 * @param directory of results.json, from that place
 */
export function toldFrom(directory: string, results: Results): Results {
  const tests = results.tests.map((test) =>
    test.artifacts === undefined ? test : { ...test, artifacts: join(directory, test.artifacts) },
  )
  return { ...results, tests }
}
