import { before, type Fault } from '../harness/fault/index.ts'
import { changed } from './configurations.ts'

export const hostname: readonly Fault[] = [
  {
    id: 'hostname-dropped',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime leaves the configured host name out.',
    effect: changed((spec) => {
      delete spec.hostname
    }),
  },
  {
    id: 'hostname-cut-at-dot',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime sets the host name only up to its first dot.',
    effect: changed((spec) => {
      if (spec.hostname !== undefined) spec.hostname = spec.hostname.split('.', 1)[0] ?? ''
    }),
  },
  {
    id: 'hostname-last-byte-lost',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime keeps one byte for an end of its own and cuts a host name of 64 bytes.',
    effect: changed((spec) => {
      if (spec.hostname !== undefined) spec.hostname = spec.hostname.slice(0, 63)
    }),
  },
  {
    id: 'hostname-in-lower-case',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime writes the host name in lower case.',
    effect: changed((spec) => {
      if (spec.hostname !== undefined) spec.hostname = spec.hostname.toLowerCase()
    }),
  },
  {
    id: 'hostname-of-first-container-kept',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime gives all containers one host name.',
    effect: changed((spec) => {
      if (spec.hostname !== undefined) spec.hostname = 'north-range'
    }),
  },
  {
    id: 'hostname-set-in-namespace-of-runtime',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime sets a host name in its own namespace, too.',
    // Only where the name says that the namespace is a test's: the machine is to keep its name.
    effect: before(['create', 'run'], '[ "$(hostname)" != runwright-home ] || hostname runwright-changed'),
  },
  {
    id: 'hostname-reset-by-exec',
    area: 'hostname',
    violates: ['hostname-optional'],
    sentence: 'The runtime forgets the host name of a container when it executes a process in it.',
    // A container may share the namespace of the machine, which is to keep its name.
    effect: before(
      'exec',
      `nsenter --target "$PID" --uts sh -c '
        case "$(hostname)" in proving-ground | *-range) hostname localhost;; esac'`,
    ),
  },
  {
    id: 'domainname-dropped',
    area: 'hostname',
    violates: ['domainname-optional'],
    sentence: 'The runtime leaves the configured domain name out.',
    effect: changed((spec) => {
      delete spec.domainname
    }),
  },
  {
    id: 'domainname-is-hostname',
    area: 'hostname',
    violates: ['domainname-optional'],
    sentence: 'The runtime takes the host name for the domain name, too.',
    effect: changed((spec) => {
      if (spec.domainname !== undefined && spec.hostname !== undefined) spec.domainname = spec.hostname
    }),
  },
  {
    id: 'hostname-gains-domainname',
    area: 'hostname',
    violates: ['domainname-optional'],
    sentence: 'The runtime appends the domain name to the host name.',
    effect: changed((spec) => {
      if (spec.domainname !== undefined && spec.hostname !== undefined)
        spec.hostname = `${spec.hostname}.${spec.domainname}`
    }),
  },
  {
    id: 'hostname-lost-beside-domainname',
    area: 'hostname',
    violates: ['domainname-optional'],
    sentence: 'The runtime sets only the domain name where both names are configured.',
    effect: changed((spec) => {
      if (spec.domainname !== undefined) delete spec.hostname
    }),
  },
]
