import { addTmpfs, combine, withLinux } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'

/** A context that every policy has: what is not labelled is given it. */
const label = 'system_u:object_r:unlabeled_t:s0'

export const mountLabel = suite('mount-label', ({ test }) => {
  test('the mount label is the SELinux context of what is mounted', {
    covers: ['mountlabel-optional'],
    needs: ['selinux'],
  }, async ({ observe, expect }) => {
    const context = `context=${label}`
    const plain = await observe('plain', addTmpfs('/mnt'))
    expect(plain.mountAt('/mnt').superOptions).not.toContain(context)
    const inside = await observe('labelled', combine(addTmpfs('/mnt'), withLinux({ mountLabel: label })))
    expect(inside.mountAt('/mnt').superOptions).toContain(context)
  })
})
