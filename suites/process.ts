import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { identifyProcess, until } from '../harness/host/index.ts'
import { withMemoryLimit } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { endOf, patienceMs, pidOf, untilPrinted } from './containers.ts'
import { mebibyte, shell, top } from './programs.ts'

/** The children of a process, see proc(5). */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').map(Number)
}

export const processes = suite('process', ({ test }) => {
  test('the program sees the files of the root file system', {
    covers: ['lifecycle-start-runs-program'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('list-root', ['ls', '-a', '/'])
    const visible = (await readdir(bundle.rootfs)).sort()
    const result = await runtime.run(bundle)
    expect(result).toHaveExited(0)
    expect(result.stdout.trim().split('\n').sort()).toEqual(['.', '..', ...visible].sort())
  })

  for (const code of [0, 1, 42, 127, 255]) {
    test(`a program that ends with exit code ${code} is seen to end with it`, {
      covers: ['lifecycle-process-exit-causes'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox(`exit-${code}`, shell(`echo ending; exit ${code}`))
      const started = await runtime.create(bundle)
      await started.start()
      const afterStart = await started.wait()
      expect(afterStart).toHavePrinted('ending\n')
      expect(afterStart).toHaveExited(code)
      const run = await runtime.run(bundle)
      expect(run).toHavePrinted('ending\n')
      expect(run).toHaveExited(code)
    })
  }

  test('standard output and standard error stay apart, and standard input is read to its end', {
    covers: [],
  }, async ({ bundles, runtime, temporaryDirectory, expect }) => {
    const input = join(await temporaryDirectory(), 'input')
    await writeFile(input, 'from the harness\n')
    const bundle = await bundles.busybox('streams', shell('cat; echo to stderr >&2'))
    const result = await runtime.run(bundle, { stdin: { file: input } })
    expect(result.stdout).toBe('from the harness\n')
    expect(result.stderr).toBe('to stderr\n')
  })

  test('a program that outgrows the memory limit is killed', {
    covers: ['memory-limit-optional'],
    needs: ['cgroup-memory'],
  }, async ({ bundles, runtime, control, expect }) => {
    // tail keeps the whole of its input, as long as no line ends.
    const greedy = shell('echo growing; tail /dev/zero')
    await control('a program within the limit is left alone', async () => {
      const modest = await bundles.busybox('modest', ['echo', 'small'], withMemoryLimit(32 * mebibyte))
      expect(await runtime.run(modest)).toHaveExited(0)
    })
    const result = await runtime.run(await bundles.busybox('greedy', greedy, withMemoryLimit(32 * mebibyte)))
    expect(result).toHavePrinted('growing\n')
    expect(result).toHaveExited(137)
  })

  test('ten containers of one bundle run side by side and end apart from each other', {
    covers: ['create-makes-container', 'state-id-unique-on-host'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('top', top)
    const containers = await Promise.all(Array.from({ length: 10 }, () => runtime.create(bundle)))
    await Promise.all(containers.map((container) => container.start()))
    for (const container of containers) await expect(container).toBeRunning()
    expect(new Set(containers.map(pidOf)).size).toBe(10)
    const [first, second, ...others] = containers
    for (const killed of [first, second]) {
      await killed?.kill('SIGKILL')
      expect(await killed?.wait()).toHaveExited(137)
    }
    for (const container of others) await expect(container).toBeRunning()
  })

  test('when the first process ends, the kernel has ended and reaped all others of its pid namespace', {
    covers: [],
    needs: ['runtime:host-kernel'],
  }, async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(
      await bundles.busybox('parents', shell('for n in 1 2 3; do sleep 1000 & done; echo spawned; wait')),
    )
    await container.start()
    await untilPrinted(container.init, 'spawned\n')
    const children = await childrenOf(pidOf(container))
    expect(children).toHaveLength(3)
    await endOf(container)
    await until(() => children.every((child) => identifyProcess(child) === undefined) || undefined, {
      timeoutMs: patienceMs,
      what: 'the children of the container to be gone',
    })
  })
})
