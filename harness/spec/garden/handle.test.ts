import { describe, expect, test } from 'vitest'
import { GardenHandleError } from './errors.ts'
import { checkHandle } from './handle.ts'

describe('checkHandle', () => {
  test.each(['a', 'build-7_x.y+z', 'h'.repeat(64), '...'])('takes %s', (handle) => {
    expect(() => checkHandle(handle)).not.toThrow()
  })

  test('wants one', () => {
    expect(() => checkHandle('')).toThrow(new GardenHandleError('handle must be specified'))
  })

  test.each(['.', '..', 'a/b', 'a b', 'ü', 'a\n', 'a,b'])('refuses %j as a container id', (handle) => {
    expect(() => checkHandle(handle)).toThrow('cannot be a container id')
  })

  test('refuses what is too long for a host name', () => {
    expect(() => checkHandle('h'.repeat(65))).toThrow('it has 65 characters, 64 are allowed')
  })
})
