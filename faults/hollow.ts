import { type Fault, program } from '../harness/fault/index.ts'

export const hollow: readonly Fault[] = [
  {
    id: 'does-nothing-and-succeeds',
    area: 'hollow',
    violates: 'everything',
    sentence: 'The runtime does nothing and exits with 0.',
    effect: program('all', 'exit 0'),
  },
  {
    id: 'prints-random-bytes',
    area: 'hollow',
    violates: 'everything',
    sentence: 'The runtime prints random bytes and exits with 0.',
    effect: program('all', 'head -c 65536 /dev/urandom; exit 0'),
  },
]
