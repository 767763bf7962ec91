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
