import { expect, test } from 'vitest'
import { type SeenThing, Sightings } from './sightings.ts'

const thing = (what: string, details = what): SeenThing => ({ kind: 'descriptor', what, details })
const suspect = (name: string, ...marks: string[]) => ({ test: name, marks: new Set(marks) })

test('what was there before any test, or came while none was under way, is no leak', () => {
  const sightings = new Sightings()
  sightings.look([thing('3')], [])
  sightings.look([thing('3'), thing('4')], [])
  sightings.look([thing('3'), thing('4')], [suspect('a')])
  expect(sightings.leaks()).toEqual([])
})

test('what came and went is no leak, and coming again it is put down to who was there then', () => {
  const sightings = new Sightings()
  sightings.look([thing('3')], [suspect('a')])
  sightings.look([], [suspect('a')])
  expect(sightings.leaks()).toEqual([])
  sightings.look([thing('3')], [suspect('b')])
  expect(sightings.leaks()).toEqual([{ kind: 'descriptor', what: '3', test: 'b' }])
})

test('what stays is put down to the only test that was under way when it came', () => {
  const sightings = new Sightings()
  sightings.look([thing('3')], [suspect('a')])
  sightings.look([thing('3')], [suspect('a'), suspect('b')])
  sightings.look([thing('3')], [])
  expect(sightings.leaks()).toEqual([{ kind: 'descriptor', what: '3', test: 'a' }])
})

test('of several tests it is the one whose name or directory the thing mentions', () => {
  const sightings = new Sightings()
  sightings.look(
    [thing('3 /bundles/two/file')],
    [suspect('a', '/bundles/one'), suspect('b', '/bundles/two'), suspect('c', 'prefix')],
  )
  expect(sightings.leaks()).toEqual([{ kind: 'descriptor', what: '3 /bundles/two/file', test: 'b' }])
})

test('a name that only begins like the one which is mentioned is not meant', () => {
  const sightings = new Sightings()
  sightings.look([thing('3 /a-220/a-22')], [suspect('a', 'a-2'), suspect('b', 'a-22')])
  expect(sightings.leaks()).toEqual([{ kind: 'descriptor', what: '3 /a-220/a-22', test: 'b' }])
})

test('where nothing tells whose it is, all of them are named and none is accused', () => {
  const sightings = new Sightings()
  sightings.look([thing('3 pipe:[1]')], [suspect('a', 'x'), suspect('b', 'y')])
  expect(sightings.leaks()).toEqual([{ kind: 'descriptor', what: '3 pipe:[1] (of one of: a, b)' }])
})
