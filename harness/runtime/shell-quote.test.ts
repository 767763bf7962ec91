import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { shellQuote } from './shell-quote.ts'

describe('shellQuote', () => {
  test('leaves plain words as they are', () => {
    expect(shellQuote(['/usr/sbin/runc', '--root=/run/x', 'create', '-b', 'a+b.c@1'])).toBe(
      '/usr/sbin/runc --root=/run/x create -b a+b.c@1',
    )
  })

  test.each([
    [['']],
    [['a b', "it's", '"', '$HOME', '`id`', '\\', '!', '*', '~', '#', ';', 'line\nbreak', 'ünïcode', "''"]],
  ])('a shell reads the same words back: %j', (words) => {
    const read = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellQuote(words)}`], { encoding: 'utf8' })
    expect(read.split('\0').slice(0, -1)).toEqual(words)
  })
})
