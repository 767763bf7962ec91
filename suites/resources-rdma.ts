import { rdmaDevice } from '../harness/host/index.ts'
import { suite } from '../harness/suite/index.ts'
import { testConfiguredLimits, testRefusedLimits } from './limits.ts'

export const resourcesRdma = suite('resources-rdma', ({ test }) => {
  testConfiguredLimits(test, {
    'a container gets the limits of an rdma device that its configuration names': {
      limit: 'rdma',
      resources: () => ({ rdma: { [rdmaDevice()]: { hcaHandles: 3, hcaObjects: 4321 } } }),
      shows: () => new RegExp(`^${rdmaDevice()} hca_handle=3 hca_object=4321$`, 'm'),
      covers: ['rdma-optional', 'rdma-both'],
      needs: ['cgroup-rdma'],
    },
    'the handles of an rdma device are limited without its objects, too': {
      limit: 'rdma',
      resources: () => ({ rdma: { [rdmaDevice()]: { hcaHandles: 3 } } }),
      shows: () => new RegExp(`^${rdmaDevice()} hca_handle=3 hca_object=max$`, 'm'),
      covers: ['rdma-hcahandles-optional'],
      needs: ['cgroup-rdma'],
    },
    'the objects of an rdma device are limited without its handles, too': {
      limit: 'rdma',
      resources: () => ({ rdma: { [rdmaDevice()]: { hcaObjects: 4321 } } }),
      shows: () => new RegExp(`^${rdmaDevice()} hca_handle=max hca_object=4321$`, 'm'),
      covers: ['rdma-hcaobjects-optional'],
      needs: ['cgroup-rdma'],
    },
  })

  testRefusedLimits(test, {
    'an rdma device with neither limit is refused': {
      wrong: () => ({ rdma: { [rdmaDevice()]: {} } }),
      right: () => ({ rdma: { [rdmaDevice()]: { hcaHandles: 3 } } }),
      covers: ['rdma-one-of'],
      needs: ['cgroup-rdma'],
    },
  })
})
