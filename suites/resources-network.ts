import { suite } from '../harness/suite/index.ts'
import { testConfiguredLimits, testRefusedLimits } from './limits.ts'

const right = { network: { priorities: [{ name: 'lo', priority: 7 }] } }

export const resourcesNetwork = suite('resources-network', ({ test }) => {
  testConfiguredLimits(test, {
    'packets of a container are tagged with the class that its configuration names': {
      limit: 'network class',
      resources: { network: { classID: 0x10_0007 } },
      shows: String(0x10_0007),
      covers: ['network-optional', 'network-classid-optional'],
      needs: ['cgroup-net-cls'],
    },
    'a container gets the priority on an interface that its configuration names': {
      limit: 'network priorities',
      resources: right,
      shows: /^lo 7$/m,
      covers: ['network-optional', 'network-priorities-optional'],
      needs: ['cgroup-net-prio'],
    },
  })

  testRefusedLimits(test, {
    'a priority on an interface that does not exist is refused': {
      wrong: { network: { priorities: [{ name: 'nosuchinterface', priority: 7 }] } },
      right,
      covers: ['network-priority-name-required'],
      needs: ['cgroup-net-prio'],
    },
    'a priority without an interface is refused': {
      wrong: { network: { priorities: [{ priority: 7 }] } },
      right,
      covers: ['network-priority-name-required'],
      needs: ['cgroup-net-prio'],
    },
    'an interface without a priority is refused': {
      wrong: { network: { priorities: [{ name: 'lo' }] } },
      right,
      covers: ['network-priority-priority-required'],
      needs: ['cgroup-net-prio'],
    },
  })
})
