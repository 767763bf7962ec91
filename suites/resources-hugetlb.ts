import { hugePageSize } from '../harness/host/index.ts'
import { suite } from '../harness/suite/index.ts'
import { testConfiguredLimits, testRefusedLimits } from './limits.ts'

/** Bytes of as many huge pages as few others would ask for: the kernel rounds to whole pages. */
function limitBytes(): number {
  const [, count = '', unit = ''] = /^(\d+)([KMG])B$/.exec(hugePageSize()) ?? []
  return 3 * Number(count) * 1024 ** ('KMG'.indexOf(unit) + 1)
}

const right = () => ({ hugepageLimits: [{ pageSize: hugePageSize(), limit: limitBytes() }] })

/** Page sizes that no kernel offers under this name. */
const wrongSizes: Readonly<Record<string, string>> = {
  'a page size that no machine has': '3MB',
  'a page size with a binary prefix': '2MiB',
  'a page size without a unit': '2',
  'a page size in small letters': '2mb',
  'an empty page size': '',
}

export const resourcesHugetlb = suite('resources-hugetlb', ({ test }) => {
  testConfiguredLimits(test, {
    'a container gets the limit of huge pages that its configuration names': {
      limit: 'huge pages',
      resources: right,
      shows: () => String(limitBytes()),
      covers: ['hugetlb-optional'],
      needs: ['cgroup-hugetlb'],
    },
    'the limit of huge pages is one of reservations, too, where the kernel accounts for them': {
      limit: 'reserved huge pages',
      resources: right,
      shows: () => String(limitBytes()),
      covers: ['hugetlb-rsvd-when-supported'],
      needs: ['cgroup-hugetlb-reservation'],
    },
  })

  testRefusedLimits(test, {
    'a limit of huge pages without a page size is refused': {
      wrong: () => ({ hugepageLimits: [{ limit: limitBytes() }] }),
      right,
      covers: ['hugetlb-pagesize-required'],
      needs: ['cgroup-hugetlb'],
    },
    'a limit of huge pages without the limit is refused': {
      wrong: () => ({ hugepageLimits: [{ pageSize: hugePageSize() }] }),
      right,
      covers: ['hugetlb-limit-required'],
      needs: ['cgroup-hugetlb'],
    },
  })

  for (const [description, pageSize] of Object.entries(wrongSizes)) {
    testRefusedLimits(test, {
      [`${description} is refused`]: {
        wrong: () => ({ hugepageLimits: [{ pageSize, limit: limitBytes() }] }),
        right,
        covers: ['hugetlb-pagesize-format'],
        needs: ['cgroup-hugetlb'],
      },
    })
  }
})
