import { Parser, type Result } from 'tap-parser'
import { describe, expect, test } from 'vitest'
import { failedWith, mixedResults, reportWith, resultsOf } from './report.fixture.ts'
import { tapReport } from './tap.ts'

/** What a parser of TAP makes of a report. */
function parse(text: string) {
  const points: Result[] = []
  const oddities: string[] = []
  const parser = new Parser({ strict: true })
  parser.on('assert', (point) => points.push(point))
  parser.on('extra', (line) => oddities.push(line))
  parser.end(text)
  return { points, oddities, results: parser.results }
}

describe('a TAP stream', () => {
  const { points, oddities, results } = parse(tapReport(mixedResults()))

  test('is TAP 14 to the last line, whatever texts are in it', () => {
    expect(tapReport(mixedResults())).toMatch(/^TAP version 14\n1\.\.10\n/)
    expect(oddities).toEqual([])
    expect(results?.failures.filter(({ tapError }) => tapError)).toEqual([])
    expect(results).toMatchObject({ count: 10, bailout: false })
  })

  test('has a point for every test with its outcome', () => {
    const told = points.map(({ ok, skip, todo }) => [
      ok,
      ...(skip ? [`skip ${String(skip)}`.slice(0, 12)] : []),
      ...(todo ? [`todo ${String(todo)}`.slice(0, 12)] : []),
    ])
    expect(told).toEqual([
      [false],
      [false, 'todo deviati'],
      [false],
      [false],
      [true],
      [true, 'todo fixed: '],
      [true, 'skip no cgro'],
      [false],
      [false],
      [false],
    ])
  })

  test('tells of a failure what was expected, what happened and how to see it again', () => {
    expect(points[3]?.diag).toMatchObject({
      outcome: 'fail',
      expected: '0',
      actual: '1',
      again: 'runwright run kill/fails --runtime runc --keep',
      commands: ["/usr/bin/runc kill 'a b' 15   # exit 1"],
    })
  })
})

test('a run that passed is ok, an empty one has an empty plan', () => {
  expect(parse(tapReport(resultsOf([reportWith()]))).results?.ok).toBe(true)
  expect(tapReport(resultsOf([]))).toBe('TAP version 14\n1..0\n')
})

test('no name makes a directive of a test that failed', () => {
  const [point] = parse(tapReport(resultsOf([failedWith({ id: 'kill/x # SKIP' })]))).points
  expect(point).toMatchObject({ ok: false, skip: false, name: 'runc kill/x # SKIP' })
})
