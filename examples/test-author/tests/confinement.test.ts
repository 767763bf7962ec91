import { combine, withPidsLimit, withRlimit } from 'runwright/spec'
import { suite } from 'runwright/vitest'
import { greeter } from './greeter.ts'

const crowd = ['sh', '-c', 'for n in $(seq 100); do sleep 1000 & done']

// A suite in the way of the shipped ones: its tests are skipped, with the reason, where the host lacks what they need,
// and are broken where they cannot judge.
suite('confinement', ({ test }) => {
  test('a crowd of processes is stopped', {
    covers: [],
    needs: ['cgroup-pids'],
  }, async ({ bundles, runtime, control, expect }) => {
    const free = await bundles.busybox('free', crowd)
    await control('a hundred processes can be started without a limit', async () => {
      expect(await runtime.run(free)).toHaveExited(0)
    })
    const bounded = await bundles.busybox('bounded', crowd, withPidsLimit(50))
    expect((await runtime.run(bounded)).exitCode).not.toBe(0)
  })

  test('the greeter may open sixteen files', { covers: [] }, async ({ observe, expect }) => {
    const { limits } = await observe('files', combine(greeter('Ada'), withRlimit('RLIMIT_NOFILE', 16)))
    expect(limits.get('RLIMIT_NOFILE')).toEqual({ soft: 16n, hard: 16n })
  })
})
