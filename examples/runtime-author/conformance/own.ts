import { suite } from 'runwright'

// Tests of your own: `npx runwright run --suites conformance/own.ts` runs them, with reports and a repro.sh for each red one.
export const own = suite('own', ({ test }) => {
  test('a container prints what its program prints', async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('greeting', ['echo', 'hello'])
    expect(await runtime.run(bundle)).toHavePrinted('hello\n')
  })

  test('a file system of its own is where the configuration says', async ({ bundles, runtime, expect }) => {
    const look = ['grep', '-c', ' /scratch tmpfs ', '/proc/mounts']
    const bundle = await bundles.busybox('scratch', look, (spec) => {
      spec.mounts?.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs' })
    })
    expect(await runtime.run(bundle)).toHavePrinted('1\n')
  })
})
