import { createBusyboxBundle } from 'runwright'
import { expect, test } from 'runwright/vitest'

test('a container prints what its program prints', async ({ runtime }) => {
  const bundle = await createBusyboxBundle('greeting', ['echo', 'hello'])
  const result = await runtime.run(bundle)
  expect(result).toHaveExited(0)
  expect(result.stdout).toBe('hello\n')
})

test('a file system of its own is where the configuration says', async ({ runtime }) => {
  const bundle = await createBusyboxBundle('scratch', ['grep', ' /scratch ', '/proc/mounts'], (spec) => {
    spec.mounts?.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs' })
  })
  expect(await runtime.run(bundle)).toHavePrinted(/ \/scratch tmpfs /)
})
