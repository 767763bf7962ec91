import { describe, expect, test } from 'vitest'
import { environment } from './environment.ts'
import { GardenEnvironmentError } from './errors.ts'

describe('environment', () => {
  test('has a PATH for root and one for everybody else', () => {
    expect(environment(['A=1'], 0)).toEqual([
      'A=1',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ])
    expect(environment([], 1000)).toEqual(['PATH=/usr/local/bin:/usr/bin:/bin'])
  })

  test('leaves a given PATH alone, even an empty one', () => {
    expect(environment(['PATH=', 'B='], 0)).toEqual(['PATH=', 'B='])
  })

  test('is not fooled by names that begin alike', () => {
    expect(environment(['PATHS=/x', 'MY=PATH=/x'], 1)).toHaveLength(3)
  })

  test.each(['', 'A', '=1', 'A=\0'])('refuses %j', (entry) => {
    expect(() => environment(['FINE=1', entry], 0)).toThrow(`env[1] is ${JSON.stringify(entry)}`)
    expect(() => environment([entry], 0)).toThrow(GardenEnvironmentError)
  })
})
