import { describe, expect, test } from 'vitest'
import type { Hooks } from '../schema/hooks.ts'
import { GardenHookError } from './errors.ts'
import { passHooks } from './hooks.ts'

describe('passHooks', () => {
  const hooks: Hooks = {
    createRuntime: [{ path: '/bin/a', args: ['a', 'b'], env: ['X=1'], timeout: 5 }, { path: '/bin/b' }],
    poststop: [{ path: '/bin/c' }],
  }

  test('hands all of them on', () => {
    expect(passHooks(hooks)).toEqual(hooks)
  })

  test('hands on copies', () => {
    const passed = passHooks(hooks)
    passed.createRuntime?.[0]?.args?.push('c')
    passed.createRuntime?.[0]?.env?.pop()
    passed.poststop?.pop()
    expect(hooks.createRuntime?.[0]).toMatchObject({ args: ['a', 'b'], env: ['X=1'] })
    expect(hooks.poststop).toHaveLength(1)
  })

  test('refuses a stage there is none of', () => {
    const wrong: Hooks = JSON.parse('{ "postStart": [] }')
    expect(() => passHooks(wrong)).toThrow(GardenHookError)
    expect(() => passHooks(wrong)).toThrow("hooks: unknown stage 'postStart': the stages are prestart,")
  })

  test.each([0, -1, 1.5, Number.POSITIVE_INFINITY])('refuses a timeout of %d', (timeout) => {
    expect(() => passHooks({ poststop: [{ path: '/a', timeout }] })).toThrow(
      `hooks.poststop[0]: the timeout of a hook is whole seconds, at least 1: ${timeout}`,
    )
  })

  test('refuses a program that is not absolute', () => {
    expect(() => passHooks({ prestart: [{ path: '/a' }, { path: 'b' }] })).toThrow(
      "hooks.prestart[1]: the path of a hook must be absolute: 'b'",
    )
  })
})
