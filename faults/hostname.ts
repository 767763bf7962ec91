import { configuration, type Fault } from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'

export const hostname: readonly Fault[] = [
  {
    id: 'hostname-dropped',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime leaves the configured host name out.',
    effect: configuration(
      changing((spec) => {
        delete spec.hostname
      }),
    ),
  },
  {
    id: 'hostname-cut-at-dot',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime sets the host name only up to its first dot.',
    effect: configuration(
      changing((spec) => {
        if (spec.hostname !== undefined) spec.hostname = spec.hostname.split('.', 1)[0] ?? ''
      }),
    ),
  },
]
