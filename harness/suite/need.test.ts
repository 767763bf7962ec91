import { afterEach, expect, test, vi } from 'vitest'
import { firstUnmetNeed } from './need.ts'

const runtime = { name: 'crun', lacks: ['top', 'rootless-cgroup'] } as const

afterEach(() => vi.restoreAllMocks())

/** As the user with this id, as far as needs are concerned. */
function as(uid: number): void {
  vi.spyOn(process, 'geteuid').mockReturnValue(uid)
}

test('what a runtime does not offer is told with its name', async () => {
  await expect(firstUnmetNeed(['runtime:exec', 'runtime:top'], runtime)).resolves.toMatchObject({
    need: 'runtime:top',
    reason: "crun does not offer 'top'",
  })
})

test('what a runtime does not offer to users is none of root’s needs', async () => {
  as(0)
  await expect(firstUnmetNeed(['runtime:rootless-cgroup'], runtime)).resolves.toBeUndefined()
})

test('a limit of a cgroup takes a runtime that makes one for a user', async () => {
  as(65_534)
  await expect(firstUnmetNeed(['cgroup-pids'], runtime)).resolves.toMatchObject({
    need: 'runtime:rootless-cgroup',
    remedy: expect.stringContaining('as root'),
  })
})
