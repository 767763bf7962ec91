import { describe, expect, test } from 'vitest'
import { capabilityNames } from '../tables/capabilities.ts'
import { capabilitySets, gardenCapabilities } from './capabilities.ts'
import { treatmentOf } from './treatment.ts'

const unprivileged = treatmentOf({ kind: 'unprivileged' })
const full = treatmentOf({ kind: 'privileged', mode: 'full' })
const everything = { capabilities: capabilityNames }
const nothing = { capabilities: [] }

describe('gardenCapabilities', () => {
  test('are 14, 15 and 38', () => {
    expect(gardenCapabilities.unprivileged).toHaveLength(14)
    expect(gardenCapabilities.fuseOnly).toEqual([...gardenCapabilities.unprivileged, 'CAP_SYS_ADMIN'])
    expect(gardenCapabilities.full).toHaveLength(38)
  })

  test('of full privilege lack the three newest', () => {
    const missing = capabilityNames.filter((name) => !gardenCapabilities.full.includes(name))
    expect(missing).toEqual(['CAP_PERFMON', 'CAP_BPF', 'CAP_CHECKPOINT_RESTORE'])
  })
})

describe('capabilitySets', () => {
  test('are four times the same, and nothing ambient', () => {
    const list = [...gardenCapabilities.full]
    expect(capabilitySets(full, everything)).toEqual({
      bounding: list,
      effective: list,
      inheritable: list,
      permitted: list,
    })
  })

  test('keep to what the host has, where there is no user namespace', () => {
    const host = { capabilities: capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE') }
    const { bounding, permitted } = capabilitySets(full, host)
    expect(permitted).toHaveLength(37)
    expect(permitted).not.toContain('CAP_SYS_RESOURCE')
    expect(bounding).toEqual(permitted)
  })

  test('do not depend on the host in a user namespace', () => {
    expect(capabilitySets(unprivileged, nothing).permitted).toEqual(gardenCapabilities.unprivileged)
  })

  test('are four lists, so that editing one leaves the others', () => {
    const sets = capabilitySets(full, everything)
    sets.bounding?.pop()
    expect(sets.effective).toHaveLength(38)
  })
})
