import { expect, test } from 'vitest'
import { suite } from '../harness/suite/index.ts'
import { catalogue } from './catalogue.ts'
import { defineSuites, UnknownOptionError } from './define-suites.ts'
import { deviations } from './deviations/index.ts'
import { suites } from './suites.ts'

const tests = suites.flatMap((suite) => suite.tests)

test('every test has an id of its own', () => {
  expect(new Set(tests.map(({ id }) => id)).size).toBe(tests.length)
})

test('every covered requirement is in the catalogue', () => {
  const unknown = tests.flatMap(({ id, covers }) =>
    covers.filter((requirement) => !catalogue.has(requirement)).map((requirement) => `${id}: ${requirement}`),
  )
  expect(unknown).toEqual([])
})

test('every deviation is about a test that exists', () => {
  const ids = new Set(tests.map(({ id }) => id))
  expect(deviations.map((deviation) => deviation.test).filter((id) => !ids.has(id))).toEqual([])
})

test('every requirement is covered by a test, or says why none covers it', () => {
  const covered = new Set(tests.flatMap(({ covers }) => covers))
  const wrong = [...catalogue.values()].filter(
    ({ id, untested }) => covered.has(id) === (untested !== undefined),
  )
  expect(wrong.map(({ id }) => id)).toEqual([])
})

test('of what binds and can be seen on any host, fewer than fifteen requirements are without a test', () => {
  const binding = [...catalogue.values()].filter(
    ({ level, effect }) => effect === 'MUST' || ['MUST', 'MUST NOT', 'REQUIRED'].includes(level),
  )
  const visible = binding.filter(({ observable }) => observable === 'black-box')
  expect(visible).toHaveLength(317)
  expect(visible.filter(({ untested }) => untested !== undefined).length).toBeLessThan(15)
})

test('the catalogue holds the whole of spec 1.3', () => {
  expect(catalogue.size).toBe(604)
})

test('an option that does not exist is an error and no silence', () => {
  const register = () => {
    throw new Error('nothing is to be registered')
  }
  const options = { runtimes: 'runc' }
  expect(() => defineSuites(Object.assign(register, { describe: register }), options as object)).toThrow(
    UnknownOptionError,
  )
  expect(() => defineSuites(Object.assign(register, { describe: register }), { areas: ['hooks!'] })).toThrow(
    "'hooks!'",
  )
})

/** A test function that notes what is registered. */
function noting() {
  const titles: string[] = []
  const note = (title: string) => titles.push(title)
  return { titles, test: Object.assign(note, { describe: (_: string, body: () => void) => body() }) }
}

test('suites of your own are registered in place of the shipped ones', () => {
  const own = suite('own', ({ test: declare }) => {
    declare('runs', async () => {})
    declare('ends', { covers: ['hostname-optional'] }, async () => {})
  })
  const all = noting()
  defineSuites(all.test, { suites: [own] })
  expect(all.titles).toEqual(['runs', 'ends'])
  const some = noting()
  defineSuites(some.test, { suites: [own], areas: ['own/ends'] })
  expect(some.titles).toEqual(['ends'])
  expect(() => defineSuites(noting().test, { suites: [own], areas: ['kill'] })).toThrow("'kill'")
})

test('a test of your own that covers what is no requirement is refused', () => {
  const own = suite('own', ({ test: declare }) => declare('runs', { covers: ['no-such'] }, async () => {}))
  const { titles, test: register } = noting()
  expect(() => defineSuites(register, { suites: [own] })).toThrow("own/runs covers 'no-such'")
  expect(titles).toEqual([])
})
