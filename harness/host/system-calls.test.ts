import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { SystemCallError } from './index.ts'
import { compiled } from './modules.fixture.ts'
import { collectChild, isReady, openProcess } from './system-calls.ts'

test('the library for system calls is loaded by the first call, not by an import', () => {
  const script = `
    import { becomeSubreaper } from ${compiled('index.js')}
    const loaded = () => process.report.getReport().sharedObjects.some((path) => path.includes('koffi'))
    console.log(loaded())
    becomeSubreaper()
    console.log(loaded())
    process.exit()`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  })
  expect(printed).toBe('false\ntrue\n')
})

test('a refusal names the call, the error and the purpose', () => {
  const refusal = { call: 'pidfd_open', errnoName: 'ESRCH', errno: 3, code: 'SYSTEM_CALL_FAILED' }
  expect(() => openProcess(2 ** 22 + 1)).toThrow(expect.objectContaining(refusal))
  expect(() => openProcess(2 ** 22 + 1)).toThrow(
    'pidfd_open failed with ESRCH (3) while trying to watch process 4194305',
  )
})

test('only children can be collected', () => {
  expect(() => collectChild(1)).toThrow(SystemCallError)
  expect(() => collectChild(1)).toThrow('ECHILD')
})

test('a closed descriptor is ready, as poll(2) has it, so that a wait for it ends', () => {
  expect(isReady(99_999, 'readable')).toBe(true)
})
