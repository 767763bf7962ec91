import {
  all,
  before,
  configuration,
  everyProcess,
  executedProcess,
  type Fault,
} from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'

export const process: readonly Fault[] = [
  {
    id: 'rlimit-hard-is-soft',
    area: 'rlimits',
    violates: ['rlimits-hard-matches'],
    sentence: 'The runtime sets the soft limit right and takes it for the hard limit, too.',
    effect: everyProcess(({ rlimits = [] }) => {
      for (const rlimit of rlimits) rlimit.hard = rlimit.soft
    }),
  },
  {
    id: 'capability-too-many',
    area: 'capabilities',
    violates: ['capabilities-bounding-optional'],
    sentence: 'The runtime leaves one capability too many in the bounding set.',
    effect: configuration(
      changing(({ process }) => {
        const { bounding } = process?.capabilities ?? {}
        if (bounding !== undefined && !bounding.includes('CAP_SYS_TIME')) bounding.push('CAP_SYS_TIME')
      }),
    ),
  },
  {
    id: 'exec-forgets-environment',
    area: 'exec',
    violates: [],
    tests: ['exec'],
    sentence: 'The runtime gives executed processes nothing of their environment but PATH.',
    effect: executedProcess((process) => {
      process.env = (process.env ?? []).filter((variable) => variable.startsWith('PATH='))
    }),
  },
  {
    id: 'stdin-is-devnull',
    area: 'process',
    violates: ['fds-only-stdio-by-default'],
    tests: ['process'],
    sentence: 'The runtime connects the standard input of a container to /dev/null.',
    effect: all(before(['create', 'run'], 'exec </dev/null')),
  },
]
