import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { findProgram } from '../host/index.ts'
import { junitReport } from './junit.ts'
import { failedWith, mixedResults, reportWith, resultsOf } from './report.fixture.ts'

const schema = join(import.meta.dirname, 'junit.fixture.xsd')

/** What xmllint says of a document, and what it finds at paths in it. */
async function lint(document: string, ...paths: readonly string[]) {
  const args = paths.length === 0 ? ['--schema', schema] : ['--xpath', paths.join(' | ')]
  return await execa('xmllint', ['--noout', ...args, '-'], { input: document, reject: false })
}

describe('a JUnit file', () => {
  const hasTool = findProgram('xmllint') !== undefined
  const validated = test.skipIf(!hasTool)

  validated.each([
    ['every outcome and hostile texts', mixedResults()],
    ['no test at all', resultsOf([])],
    [
      'a run that left something behind',
      resultsOf([reportWith()], { leaks: [{ kind: 'mount', what: '/x' }] }),
    ],
  ])('is valid with %s', async (_what, results) => {
    const { exitCode, stderr } = await lint(junitReport(results))
    expect(exitCode, stderr).toBe(0)
  })

  validated('is held to the schema: another file is refused', async () => {
    const { exitCode } = await lint(junitReport(mixedResults()).replace(' hostname=', ' host='))
    expect(exitCode).not.toBe(0)
  })
})

describe('the suites of a JUnit file', () => {
  const document = junitReport(mixedResults())

  test('are one for each suite on each runtime, and one for the run', () => {
    expect([...document.matchAll(/<testsuite [^>]* name="([^"]+)"/g)].map(([, name]) => name)).toEqual([
      'runc.kill',
      'runc.state',
      'run',
    ])
  })

  test('count what they hold', () => {
    expect(document).toContain('tests="6" failures="2" errors="1" skipped="1"')
    expect(document).toContain('tests="1" failures="0" errors="0" skipped="1"')
  })

  test('have an error for what was left behind, went wrong outside or is missing', () => {
    expect(document).toContain('tests="3" failures="0" errors="3"')
  })

  test('tell failures with the commands to see them again', () => {
    expect(document).toContain('again: runwright run kill/fails --runtime runc --keep')
    expect(document).toContain("/usr/bin/runc kill 'a b' 15   # exit 1")
  })
})

test('a failure of a test that covers nothing says nothing of what it covers', () => {
  expect(junitReport(resultsOf([failedWith()]))).toContain('covers: kill-sends-signal')
  expect(junitReport(resultsOf([failedWith({ covers: [] })]))).not.toContain('covers')
})
