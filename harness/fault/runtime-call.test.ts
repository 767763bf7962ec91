import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCall, valueIn, wordsOf } from './runtime-call.ts'

describe('a command line', () => {
  test('is taken apart into global options, verb, options and operands', () => {
    const words = [
      '--root',
      '/r',
      '--debug',
      'create',
      '--bundle=/b',
      '--no-pivot',
      '--pid-file',
      '/p',
      'one',
    ]
    const call = parseCall(words)
    expect(call).toMatchObject({ verb: 'create', operands: ['one'] })
    expect(valueIn(call.globals, '--root')).toBe('/r')
    expect(valueIn(call.options, '--bundle', '-b')).toBe('/b')
    expect(call.options).toContainEqual({ name: '--no-pivot' })
  })

  test('has a letter of one verb mean something else with another', () => {
    expect(parseCall(['delete', '-f', 'one']).operands).toEqual(['one'])
    expect(parseCall(['list', '-f', 'json']).operands).toEqual([])
  })

  test('has the limits of update as options and not as operands', () => {
    const call = parseCall(['update', '--pids-limit', '-1', '--cpu-quota', '12000', 'one'])
    expect(call.operands).toEqual(['one'])
    expect(valueIn(call.options, '--pids-limit')).toBe('-1')
  })

  test('leaves what follows the id of exec to the program', () => {
    expect(parseCall(['exec', '--env', 'A=1', 'one', 'ls', '--bundle', 'x']).operands).toEqual([
      'one',
      'ls',
      '--bundle',
      'x',
    ])
  })

  test.each([
    [['--version'], undefined],
    [[], undefined],
    [['kill', 'one', '9'], 'kill'],
    [['update', '--resources', '-', 'one'], 'update'],
  ])('%j has the verb %j', (words, verb) => {
    expect(parseCall(words).verb).toBe(verb)
  })

  test('is put together again as it was, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--root', '--bundle', 'create', 'exec', '-b', '--a=', '--a=b=c\n', '-', '--', '-f'),
    )
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(wordsOf(parseCall(words))).toEqual(words)
      }),
    )
  })
})
