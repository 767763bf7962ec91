import { expect, test } from 'vitest'
import { parseDeviations, suite } from '../suite/index.ts'
import { loadSuites, type SuitesSource } from './load-suites.ts'

const requirement = { id: 'hostname-optional' }
const shipped = suite('kill', ({ test }) => test('ends', async () => {}))
const own = suite('own', ({ test }) => test('runs', { covers: ['hostname-optional'] }, async () => {}))
const other = suite('other', ({ test }) => test('runs', async () => {}))
const deviations = parseDeviations('[{ "test": "kill/ends", "runtime": "runc", "reason": "x" }]', 'here')
const base: SuitesSource = { url: 'file:///shipped.js' }
const mine: SuitesSource = { url: 'file:///mine.ts', module: './mine.ts' }
const theirs: SuitesSource = { url: 'file:///theirs.ts', module: './theirs.ts' }

/** Loads suites of modules that export this, beside the shipped one. */
async function load(exports: Readonly<Record<string, object>>) {
  const modules: Readonly<Record<string, object>> = {
    [base.url]: { suites: [shipped], catalogue: new Map([[requirement.id, requirement]]), deviations },
    ...exports,
  }
  const sources = [base, mine, theirs].filter(({ url }) => url in modules)
  return await loadSuites(sources, async (url) => modules[url] ?? {})
}

test('every exported suite is found, alone and in lists, and knows its module', async () => {
  const loaded = await load({ [mine.url]: { own, nothing: 1 }, [theirs.url]: { all: [other], again: other } })
  expect(
    loaded.suites.flatMap(({ name, tests }) => tests.map(({ id, module }) => [name, id, module])),
  ).toEqual([
    ['kill', 'kill/ends', undefined],
    ['own', 'own/runs', './mine.ts'],
    ['other', 'other/runs', './theirs.ts'],
  ])
  expect(loaded.asked).toEqual(['own', 'other'])
  expect(loaded.deviations).toEqual(deviations)
  expect(loaded.catalogue.size).toBe(1)
})

test('what is exported again by another module is there once, and asked for', async () => {
  const loaded = await load({ [mine.url]: { own, suites: [shipped] }, [theirs.url]: { own } })
  expect(loaded.suites.map(({ name, tests }) => [name, tests[0]?.module])).toEqual([
    ['kill', undefined],
    ['own', './mine.ts'],
  ])
  expect(loaded.asked).toEqual(['own', 'kill'])
})

test.each([
  ['exports nothing', {}, './mine.ts exports no suite'],
  [
    'has a suite without tests',
    { empty: suite('empty', () => {}) },
    "suite 'empty' of ./mine.ts has no tests",
  ],
  [
    'calls its suite like another',
    { again: suite('kill', ({ test }) => test('stays', async () => {})) },
    "runwright/suites and ./mine.ts both have a suite 'kill'",
  ],
  [
    'covers what nobody asks for',
    { own: suite('own', ({ test }) => test('runs', { covers: ['no-such'] }, async () => {})) },
    "./mine.ts: own/runs covers 'no-such', which is no requirement",
  ],
])('a module is refused that %s', async (_, exports, words) => {
  await expect(load({ [mine.url]: exports })).rejects.toThrow(words)
})

test('a module that cannot be loaded is named, with what it says', async () => {
  const loading = loadSuites([mine], () => Promise.reject(new Error('no luck')))
  await expect(loading).rejects.toMatchObject({
    code: 'SUITES_MODULE',
    message: expect.stringMatching(
      /^\.\/mine\.ts cannot be loaded: no luck\n {4}at \/.*load-suites\.test\.ts:\d+:\d+$/,
    ),
  })
})
