import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseResults, ResultsError, readResults } from './read-results.ts'
import { failedWith, reportWith, resultsOf } from './report.fixture.ts'
import { writeResults } from './write-results.ts'

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-results-'))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

const results = resultsOf([reportWith(), failedWith({ id: 'kill/other' })], {
  leaks: [{ kind: 'mount', what: '/x', test: 'kill/other' }],
  errors: ['the worker died'],
})

describe('what a run wrote', () => {
  test('is read back as it was, from its directory and from its file', async () => {
    const file = await writeResults(directory, results)
    expect(await readResults(directory)).toEqual(results)
    expect(await readResults(file)).toEqual(results)
  })

  test('reads the same without members that are undefined, which JSON cannot hold', () => {
    const [runtime] = results.runtimes
    if (runtime === undefined) throw new Error('the fixture has a runtime')
    const silent = { ...results, runtimes: [{ ...runtime, version: undefined }] }
    expect(parseResults(JSON.stringify(silent), 'results.json')).toEqual(silent)
  })
})

describe('what is refused, with its name', () => {
  test('a place where nothing is', async () => {
    await expect(readResults(join(directory, 'none'))).rejects.toThrow(ResultsError)
    await expect(readResults(join(directory, 'none'))).rejects.toThrow(/none: 'runwright run --output/)
  })

  test('a directory without results', async () => {
    const empty = await mkdtemp(join(directory, 'empty-'))
    await expect(readResults(empty)).rejects.toThrow(`${empty}/results.json cannot be read`)
  })

  test('a file that is cut off', async () => {
    const path = join(directory, 'half.json')
    await writeFile(path, JSON.stringify(results).slice(0, 100))
    await expect(readResults(path)).rejects.toThrow(`${path} is not JSON`)
  })

  test.each([
    ['no object', '[]', "no 'schema'"],
    [
      'another format',
      JSON.stringify({ ...results, schema: 'runwright.results/2' }),
      "'runwright.results/2'",
    ],
    ['an outcome nobody knows', JSON.stringify(results).replace('"pass"', '"perhaps"'), 'tests.0.outcome'],
    ['a missing member', JSON.stringify({ ...results, planned: undefined }), 'planned'],
  ])('%s', (_what, text, problem) => {
    expect(() => parseResults(text, 'results.json')).toThrow(ResultsError)
    expect(() => parseResults(text, 'results.json')).toThrow(problem)
    expect(() => parseResults(text, 'results.json')).toThrow('results.json')
  })
})
