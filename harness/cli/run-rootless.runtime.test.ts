// Runs as an ordinary user, by the compiled command.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseResults } from '../report/index.ts'
import { asOrdinaryUser, giveToOrdinaryUser, obstacleOfOrdinaryUser } from './ordinary-user.fixture.ts'
import { main, RunPlace } from './run-place.fixture.ts'

let place: RunPlace

beforeEach(async (context) => {
  const obstacle = await obstacleOfOrdinaryUser()
  context.skip(obstacle !== undefined, obstacle)
  place = new RunPlace()
  await giveToOrdinaryUser(place.directory)
})

afterEach(() => place?.remove())

describe('a run as an ordinary user', () => {
  test('judges what takes no root, and says of the rest that it does', { timeout: 120_000 }, async () => {
    const judged = [
      'user/the-program-runs-with-the-configured-umask-0077',
      'hooks/createruntime-hooks-run-in-the-namespaces-of-the-runtime',
    ]
    const taking =
      'user/the-program-runs-with-the-configured-user-id-as-its-real-effective-saved-and-file-system-id'
    const [setpriv = 'env', ...words] = asOrdinaryUser
    const args = [...words, process.execPath, main, 'run', ...judged, taking, '--output', place.output]
    const { exitCode, stdout } = await execa(setpriv, args, {
      cwd: place.directory,
      env: place.environment,
      reject: false,
      stdin: 'ignore',
    })
    expect(exitCode, stdout).toBe(0)
    const { host, tests } = parseResults(
      readFileSync(join(place.output, 'results.json'), 'utf8'),
      'results.json',
    )
    expect(host.rootless).toBe(true)
    const outcomes = new Map(tests.map(({ id, outcome }) => [id, outcome]))
    expect(judged.map((id) => outcomes.get(id))).toEqual(['pass', 'pass'])
    expect(tests.find(({ id }) => id === taking)).toMatchObject({
      outcome: 'skip',
      reason: expect.stringContaining("'other-ids' is not met"),
    })
    expect(place.traces()).toEqual([])
  })
})
