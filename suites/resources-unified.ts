import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ObservedCgroup } from '../harness/probe/index.ts'
import { combine, type LinuxResources, withCgroupsPath, withResources } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { createTidily, removeCgroupsNamed } from './cgroup-remains.ts'
import { pidOf } from './containers.ts'
import { testRefusedLimits } from './limits.ts'
import { mebibyte, sleeping } from './programs.ts'

/** Files that no property of the configuration stands for, or that a runtime may not know, with their controllers. */
const files = {
  'memory.high': { controller: 'memory', value: String(40 * mebibyte), need: 'cgroup-memory' },
  'memory.min': { controller: 'memory', value: String(4 * mebibyte), need: 'cgroup-memory' },
  'memory.oom.group': { controller: 'memory', value: '1', need: 'cgroup-memory' },
  'cpu.weight.nice': { controller: 'cpu', value: '7', need: 'cgroup-cpu' },
  'cpu.max': { controller: 'cpu', value: '34000 57000', need: 'cgroup-cpu' },
  'pids.max': { controller: 'pids', value: '123', need: 'cgroup-pids' },
  'cgroup.max.descendants': { controller: '', value: '7', need: 'cgroup-v2' },
} as const

/** Settings that only v1 knows and that cannot be said in the words of v2. */
const withoutCounterpart: Readonly<Record<string, LinuxResources>> = {
  'a swappiness': { memory: { swappiness: 17 } },
  'an out-of-memory killer that is off': { memory: { limit: 48 * mebibyte, disableOOMKiller: true } },
  'a limit of kernel memory': { memory: { kernel: 32 * mebibyte } },
  'a limit of kernel memory for tcp': { memory: { kernelTCP: 32 * mebibyte } },
  'a network class': { network: { classID: 0x10_0007 } },
  'a network priority': { network: { priorities: [{ name: 'lo', priority: 7 }] } },
  'a realtime runtime': { cpu: { realtimeRuntime: 1_500 } },
}

export const resourcesUnified = suite('resources-unified', ({ test }) => {
  for (const [file, { controller, value, need }] of Object.entries(files)) {
    test(`the unified value of ${file} is written to that file`, {
      covers: ['unified-unknown-keys-written', 'unified-optional'],
      needs: ['cgroup-v2', need],
    }, async (context) => {
      const { bundles, control, expect } = context
      const plain = await createTidily(context, await bundles.busybox('sleeping', sleeping))
      await control('a container without the value has another', async () => {
        expect(new ObservedCgroup(pidOf(plain)).read(controller, file)).not.toBe(value)
      })
      const unified = withResources({ unified: { [file]: value } })
      const container = await createTidily(context, await bundles.busybox(file, sleeping, unified))
      expect(new ObservedCgroup(pidOf(container)).read(controller, file)).toBe(value)
    })
  }

  test('controllers that unified values need are switched on for every cgroup on the way', {
    covers: ['unified-controllers-enabled'],
    needs: ['cgroup-v2', 'cgroup-memory', 'cgroup-pids'],
  }, async (context) => {
    const { bundles, id, expect } = context
    const parent = id('parent')
    const edits = combine(
      withCgroupsPath(`/${parent}/between/container`),
      withResources({ unified: { 'memory.high': String(40 * mebibyte), 'pids.max': '123' } }),
    )
    try {
      const container = await createTidily(context, await bundles.busybox(parent, sleeping, edits))
      const cgroup = new ObservedCgroup(pidOf(container))
      const controllers = cgroup.read('', 'cgroup.controllers')?.split(' ')
      expect(controllers).toContain('memory')
      expect(controllers).toContain('pids')
      const between = join(cgroup.directory(''), '..', 'cgroup.subtree_control')
      expect(readFileSync(between, 'utf8').trim().split(' ')).toContain('memory')
      await container.remove()
    } finally {
      await removeCgroupsNamed(parent)
    }
  })

  const known = { unified: { 'pids.max': '123' } }
  testRefusedLimits(test, {
    'a unified value for a controller that does not exist is refused': {
      wrong: { unified: { 'nosuchcontroller.max': '1' } },
      right: known,
      covers: ['unified-missing-controller-errors'],
      needs: ['cgroup-v2', 'cgroup-pids'],
    },
    'a unified value for a file that its controller does not have is refused': {
      wrong: { unified: { 'pids.nosuchfile': '1' } },
      right: known,
      covers: ['unified-missing-controller-errors', 'unified-unknown-keys-written'],
      needs: ['cgroup-v2', 'cgroup-pids'],
    },
    'a unified value that the file does not take is refused': {
      wrong: { unified: { 'pids.max': 'many' } },
      right: known,
      covers: ['unified-unknown-keys-written'],
      needs: ['cgroup-v2', 'cgroup-pids'],
    },
    'a unified value is refused where the controllers are those of cgroup v1': {
      wrong: known,
      right: { pids: { limit: 123 } },
      covers: ['unified-missing-controller-errors'],
      needs: ['cgroup-v1', 'cgroup-pids'],
    },
  })

  for (const [description, resources] of Object.entries(withoutCounterpart)) {
    testRefusedLimits(test, {
      [`${description} is refused on cgroup v2, which has nothing of the kind`]: {
        wrong: resources,
        right: { memory: { limit: 48 * mebibyte } },
        covers: ['unified-no-conversion-errors'],
        needs: ['cgroup-v2', 'cgroup-memory'],
      },
    })
  }
})
