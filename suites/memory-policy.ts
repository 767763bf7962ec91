import { type MemoryPolicy, withLinux, withValue } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { sleeping } from './programs.ts'

/** Policies that a machine with a single memory node can have, and how the kernel names them in numa_maps. */
const policies: Readonly<Record<string, { readonly policy: MemoryPolicy; readonly shows: string }>> = {
  MPOL_BIND: { policy: { mode: 'MPOL_BIND', nodes: '0' }, shows: 'bind:0' },
  MPOL_INTERLEAVE: { policy: { mode: 'MPOL_INTERLEAVE', nodes: '0' }, shows: 'interleave:0' },
  MPOL_PREFERRED: { policy: { mode: 'MPOL_PREFERRED', nodes: '0' }, shows: 'prefer:0' },
  MPOL_PREFERRED_MANY: { policy: { mode: 'MPOL_PREFERRED_MANY', nodes: '0' }, shows: 'prefer (many):0' },
  MPOL_LOCAL: { policy: { mode: 'MPOL_LOCAL', nodes: '' }, shows: 'local' },
}

const flagged: Readonly<Record<string, { readonly policy: MemoryPolicy; readonly shows: string }>> = {
  MPOL_F_STATIC_NODES: {
    policy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
    shows: 'bind=static:0',
  },
  MPOL_F_RELATIVE_NODES: {
    policy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_RELATIVE_NODES'] },
    shows: 'bind=relative:0',
  },
}

/** Policies that have to be refused, each beside one that differs from it in nothing but the fault. */
const faulty: Readonly<
  Record<string, { readonly wrong: object; readonly right: MemoryPolicy; readonly covers: string }>
> = {
  'a memory policy without a mode': {
    wrong: { nodes: '0' },
    right: { mode: 'MPOL_BIND', nodes: '0' },
    covers: 'memorypolicy-mode-required',
  },
  'a memory policy of an unknown mode': {
    wrong: { mode: 'MPOL_NOSUCHMODE', nodes: '0' },
    right: { mode: 'MPOL_BIND', nodes: '0' },
    covers: 'memorypolicy-mode-required',
  },
  'a binding memory policy without nodes': {
    wrong: { mode: 'MPOL_BIND' },
    right: { mode: 'MPOL_BIND', nodes: '0' },
    covers: 'memorypolicy-nodes-optional',
  },
  'the default memory policy with nodes': {
    wrong: { mode: 'MPOL_DEFAULT', nodes: '0' },
    right: { mode: 'MPOL_DEFAULT' },
    covers: 'memorypolicy-nodes-optional',
  },
  'a memory policy of a node that the machine does not have': {
    wrong: { mode: 'MPOL_BIND', nodes: '1000' },
    right: { mode: 'MPOL_BIND', nodes: '0' },
    covers: 'memorypolicy-nodes-optional',
  },
  'a memory policy with an unknown flag': {
    wrong: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_NOSUCHFLAG'] },
    right: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
    covers: 'memorypolicy-flags-optional',
  },
  'a memory policy with flags that exclude each other': {
    wrong: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'] },
    right: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
    covers: 'memorypolicy-flags-optional',
  },
}

export const memoryPolicy = suite('memory-policy', ({ test }) => {
  test('without a memory policy a program has the default one', {
    covers: ['memorypolicy-optional'],
    needs: ['memory-policy'],
  }, async ({ observe, expect }) => {
    expect((await observe('no-policy')).memoryPolicy).toBe('default')
  })

  for (const [name, { policy, shows }] of Object.entries({ ...policies, ...flagged })) {
    const covers = name in policies ? 'memorypolicy-nodes-optional' : 'memorypolicy-flags-optional'
    test(`a program runs under the memory policy that its configuration names: ${name}`, {
      covers: ['memorypolicy-optional', 'memorypolicy-mode-required', covers],
      needs: ['memory-policy'],
    }, async ({ observe, control, expect }) => {
      await control('without it a program has another', async () => {
        expect((await observe('no-policy')).memoryPolicy).not.toBe(shows)
      })
      expect((await observe(name, withLinux({ memoryPolicy: policy }))).memoryPolicy).toBe(shows)
    })
  }

  test('MPOL_DEFAULT leaves a program with the default memory policy', {
    covers: ['memorypolicy-mode-required'],
    needs: ['memory-policy'],
  }, async ({ observe, expect }) => {
    const policy = withLinux({ memoryPolicy: { mode: 'MPOL_DEFAULT' } })
    expect((await observe('MPOL_DEFAULT', policy)).memoryPolicy).toBe('default')
  })

  for (const [description, { wrong, right, covers }] of Object.entries(faulty)) {
    test(`${description} is refused`, { covers: [covers], needs: ['memory-policy'] }, async ({
      bundles,
      runtime,
      control,
      expect,
    }) => {
      const name = description.replaceAll(' ', '-')
      // Whether create refuses or only start, where the policy comes into force, is the runtime's choice.
      const started = async (part: string, policy: object) => {
        const edit = withValue('linux.memoryPolicy', policy)
        const container = await runtime.create(await bundles.busybox(`${name}-${part}`, sleeping, edit))
        return await container.start()
      }
      await control('the policy without the fault is accepted', () => started('right', right))
      await expect(started('wrong', wrong)).toBeRefused()
    })
  }
})
