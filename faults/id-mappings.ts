import type { Effect, Fault } from '../harness/fault/index.ts'
import { type IdMapping, type Mount, withHook } from '../harness/spec/index.ts'
import { changed, everyMount, isBind, linuxChanged, objectsChanged } from './configurations.ts'

const area = 'id-mappings'
const both = ['uidMappings', 'gidMappings'] as const

function mappingsAs(
  edit: (mappings: IdMapping[]) => IdMapping[],
  lists: readonly (typeof both)[number][] = both,
): Effect {
  return linuxChanged((linux) => {
    for (const list of lists) {
      const mappings = linux[list]
      if (mappings !== undefined) linux[list] = edit(mappings)
    }
  })
}

function isMapped({ options = [] }: Mount, option: string): boolean {
  return options.includes(option)
}

/** Every mount with this option with a change made in place. */
function everyMapped(option: string, change: (mount: Mount) => void): Effect {
  return everyMount((mount) => {
    if (isMapped(mount, option)) change(mount)
  })
}

function faultsOfOption(option: string): readonly Fault[] {
  const applied = `mount-option-${option}-applies-mapping`
  return [
    {
      id: `${option}-dropped`,
      area,
      violates: [`mount-option-${option}`, applied],
      sentence: `The runtime takes the mount option ${option} and maps no ids.`,
      effect: everyMapped(option, (mount) => {
        mount.options = mount.options?.filter((each) => each !== option) ?? []
        delete mount.uidMappings
        delete mount.gidMappings
      }),
    },
    {
      id: `${option}-maps-only-users`,
      area,
      violates: [applied],
      sentence: `The runtime maps the users of a mount with ${option} and leaves the groups as they are.`,
      effect: everyMapped(option, (mount) => {
        if (mount.gidMappings !== undefined) mount.gidMappings = [{ containerID: 0, hostID: 0, size: 65_536 }]
      }),
    },
    {
      id: `${option}-maps-groups-as-users`,
      area,
      violates: [`mount-option-${option}-uses-given-mappings`],
      sentence: `The runtime maps the groups of a mount with ${option} by the list of the users.`,
      effect: everyMapped(option, (mount) => {
        if (mount.uidMappings !== undefined && mount.gidMappings !== undefined)
          mount.gidMappings = mount.uidMappings
      }),
    },
    {
      id: `${option}-without-mappings-passed-over`,
      area,
      violates: [
        `mount-option-${option}-no-userns-errors`,
        `mount-option-${option}-no-mapping-source-errors`,
      ],
      sentence: `The runtime passes over the mount option ${option} when there are no mappings anywhere.`,
      effect: everyMapped(option, (mount) => {
        if (mount.uidMappings === undefined && mount.gidMappings === undefined)
          mount.options = mount.options?.filter((each) => each !== option) ?? []
      }),
    },
  ]
}

const missingLists = [
  ['uidMappings', 'gidMappings'],
  ['gidMappings', 'uidMappings'],
] as const

export const idMappings: readonly Fault[] = [
  {
    id: 'user-mappings-last-lost',
    area,
    violates: ['userns-uidmappings-optional'],
    sentence: 'The runtime loses the last of the mappings of users.',
    effect: mappingsAs(
      (mappings) => (mappings.length > 1 ? mappings.slice(0, -1) : mappings),
      ['uidMappings'],
    ),
  },
  {
    id: 'group-mappings-last-lost',
    area,
    violates: ['userns-gidmappings-optional'],
    sentence: 'The runtime loses the last of the mappings of groups.',
    effect: mappingsAs(
      (mappings) => (mappings.length > 1 ? mappings.slice(0, -1) : mappings),
      ['gidMappings'],
    ),
  },
  {
    id: 'groups-mapped-as-users',
    area,
    violates: ['userns-gidmappings-optional'],
    sentence: 'The runtime maps groups by the list of the users.',
    effect: linuxChanged((linux) => {
      if (linux.uidMappings !== undefined && linux.gidMappings !== undefined)
        linux.gidMappings = linux.uidMappings
    }),
  },
  {
    id: 'mapping-one-id-short',
    area,
    violates: ['userns-mapping-size-required'],
    sentence: 'The runtime takes the size of a mapping for its last id.',
    effect: mappingsAs((mappings) =>
      mappings.map((mapping) => ({ ...mapping, size: mapping.size > 1 ? mapping.size - 1 : 1 })),
    ),
  },
  {
    id: 'mapping-to-same-ids',
    area,
    violates: ['userns-mapping-hostid-required'],
    sentence: 'The runtime maps the ids of a container to the same ids of the host.',
    effect: mappingsAs((mappings) =>
      mappings.map((mapping) => ({ ...mapping, hostID: mapping.containerID })),
    ),
  },
  {
    id: 'mapping-one-id-further',
    area,
    violates: ['userns-mapping-containerid-required'],
    sentence: 'The runtime begins the second and later mappings with the next id of the container.',
    effect: mappingsAs((mappings) =>
      mappings.map((mapping, index) =>
        index === 0 ? mapping : { ...mapping, containerID: mapping.containerID + 1 },
      ),
    ),
  },
  {
    id: 'bound-file-given-to-container',
    area,
    violates: ['userns-no-chown-of-filesystems'],
    sentence: 'The runtime gives a bound file to the users of a container with a user namespace.',
    effect: changed((spec) => {
      const user = spec.linux?.uidMappings?.at(-1)?.hostID
      const source = spec.mounts?.find((mount) => isBind(mount) && mount.destination === '/mnt')?.source
      if (user === undefined || source === undefined) return
      const args = ['sh', '-c', '[ ! -f "$0/file" ] || chown "$1" "$0/file"', source, String(user)]
      Object.assign(spec, withHook('createRuntime', { path: '/bin/sh', args })(spec))
    }),
  },
  {
    id: 'mapping-without-size-is-of-one-id',
    area,
    violates: ['userns-mapping-size-required'],
    sentence: 'The runtime takes a mapping without a size for one of a single id.',
    effect: objectsChanged(['linux', 'uidMappings'], (mapping) => {
      mapping['size'] ??= 1
    }),
  },
  {
    id: 'mapping-of-size-zero-is-of-one-id',
    area,
    violates: ['userns-mapping-size-required'],
    sentence: 'The runtime takes a mapping of size 0 for one of a single id.',
    effect: objectsChanged(['linux', 'uidMappings'], (mapping) => {
      if (mapping['size'] === 0) mapping['size'] = 1
    }),
  },
  ...(['containerID', 'hostID'] as const).map((member): Fault => {
    const whose = member === 'hostID' ? 'the host' : 'the container'
    return {
      id: `second-mapping-of-${member.toLowerCase()}-passed-over`,
      area,
      violates: [`userns-mapping-${member.toLowerCase()}-required`],
      sentence: `The runtime passes over a mapping that begins with an id of ${whose} with which an earlier one begins.`,
      effect: mappingsAs((mappings) =>
        mappings.filter(
          (mapping, index) => mappings.findIndex((other) => other[member] === mapping[member]) === index,
        ),
      ),
    }
  }),
  ...['idmap', 'ridmap'].flatMap(faultsOfOption),
  ...missingLists.map(
    ([given, missing]): Fault => ({
      id: `mount-with-only-${given.toLowerCase()}-accepted`,
      area,
      violates: [`mount-${given.toLowerCase()}-need-${missing.toLowerCase()}`],
      sentence: `The runtime takes the ${given} of a mount that has no ${missing} for these, too.`,
      effect: everyMount((mount) => {
        const mappings = mount[given]
        if (mappings !== undefined) mount[missing] ??= mappings
      }),
    }),
  ),
]
