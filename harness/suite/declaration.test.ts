import { expect, test } from 'vitest'
import { defaultTestTimeoutMs, suite, TestDeclarationError } from './declaration.ts'

test('a suite declares its tests in order, with ids made of its name and their titles', () => {
  const declared = suite('delete', ({ test: declare }) => {
    declare('delete refuses a running container', { covers: ['a'] }, async () => {})
    declare("the id can't be used — twice!", { covers: ['b'], needs: ['root'], timeoutMs: 5 }, async () => {})
  })
  expect(declared.tests.map(({ id, needs, timeoutMs }) => ({ id, needs, timeoutMs }))).toEqual([
    { id: 'delete/delete-refuses-a-running-container', needs: [], timeoutMs: defaultTestTimeoutMs },
    { id: 'delete/the-id-can-t-be-used-twice', needs: ['root'], timeoutMs: 5 },
  ])
})

test('two titles that give one id are refused', () => {
  const declareTwice = () =>
    suite('state', ({ test: declare }) => {
      declare('reports the pid', { covers: [] }, async () => {})
      declare('reports the PID!', { covers: [] }, async () => {})
    })
  expect(declareTwice).toThrow(TestDeclarationError)
  expect(declareTwice).toThrow("'state/reports-the-pid'")
})

test('a title that leaves no id is refused', () => {
  expect(() => suite('state', ({ test: declare }) => declare('…', { covers: [] }, async () => {}))).toThrow(
    "the title '…' of suite 'state' gives no test id",
  )
})

test('a test may be a title and a body alone: it covers and needs nothing', () => {
  const body = async () => {}
  const [declared] = suite('own', ({ test: declare }) => declare('a program runs', body)).tests
  expect(declared).toEqual({
    id: 'own/a-program-runs',
    suite: 'own',
    title: 'a program runs',
    covers: [],
    needs: [],
    timeoutMs: defaultTestTimeoutMs,
    body,
  })
})

test.each(['', 'Own', 'my suite', 'a/b', '..', '-a', 'a-', 'a--b'])('%j is no name of a suite', (name) => {
  expect(() => suite(name, () => {})).toThrow(`'${name}' is no name for a suite: lower-case letters, digits`)
})

/** What a program without types may hand over. */
const untyped = [
  [
    { cover: ['a'] },
    async () => {},
    "test 'own/runs' has no option 'cover'; it knows covers, needs, timeoutMs",
  ],
  [{ covers: [] }, undefined, "test 'own/runs' has no body"],
] as const

test.each(untyped)('a test with %j and the body %s is refused', (options, body, words) => {
  const declareOwn = () =>
    suite('own', ({ test: declare }) => Reflect.apply(declare, undefined, ['runs', options, body]))
  expect(declareOwn).toThrow(TestDeclarationError)
  expect(declareOwn).toThrow(words)
})

test('tests that would be declared when nobody listens any more are refused', () => {
  const declare: () => void = async () => {}
  expect(() => suite('own', declare)).toThrow("suite 'own' is declared by an asynchronous function")
})
