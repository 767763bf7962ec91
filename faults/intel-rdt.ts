import { configuration, type Fault } from '../harness/fault/index.ts'
import { withoutValue } from '../harness/spec/index.ts'
import { configuredObject, objectAt, refused } from './configured.ts'

const area = 'intel-rdt'

export const intelRdt: readonly Fault[] = [
  {
    id: 'intel-rdt-ignored',
    area,
    violates: ['intelrdt-no-resctrl-errors'],
    sentence: 'The runtime passes over linux.intelRdt where no resource control file system is mounted.',
    effect: configuration(withoutValue('linux.intelRdt')),
  },
  {
    id: 'intel-rdt-must-be-given',
    area,
    violates: ['intelrdt-optional'],
    sentence: 'The runtime refuses a configuration without linux.intelRdt.',
    effect: refused((document) => objectAt(document, 'linux')?.['intelRdt'] === undefined),
  },
  {
    id: 'intel-rdt-prefix-added',
    area,
    violates: ['intelrdt-membw-prefix'],
    sentence: 'The runtime adds the MB: that a schema for the memory bandwidth lacks.',
    effect: configuredObject(['linux', 'intelRdt'], (rdt) => {
      const schema = rdt['memBwSchema']
      if (typeof schema === 'string' && !schema.startsWith('MB:')) rdt['memBwSchema'] = `MB:${schema}`
    }),
  },
  {
    id: 'intel-rdt-only-first-line',
    area,
    violates: ['intelrdt-membw-no-newline', 'intelrdt-schemata-no-newline'],
    sentence: 'The runtime reads the first line of a schema and passes over the others.',
    effect: configuredObject(['linux', 'intelRdt'], (rdt) => {
      const first = (text: unknown) => String(text).split('\n', 1).join()
      if (rdt['memBwSchema'] !== undefined) rdt['memBwSchema'] = first(rdt['memBwSchema'])
      if (Array.isArray(rdt['schemata'])) rdt['schemata'] = rdt['schemata'].map(first)
    }),
  },
]
