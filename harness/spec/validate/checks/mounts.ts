import { isAbsolute } from 'node:path'
import type { JsonPath } from '../../json/path.ts'
import type { Mount } from '../../schema/mounts.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { Check, Subject } from '../check.ts'
import type { Finding } from '../problem.ts'
import { isAtLeast } from '../semantic-version.ts'
import { show } from '../show.ts'
import { checkMappings } from './mappings.ts'

/** The mounts, each on its own. */
export const checkMounts: Check = function* (subject) {
  for (const [place, mount] of subject.entries(subject.spec.mounts)) {
    const path: JsonPath = ['mounts', place]
    yield* checkDestination(mount, path, subject)
    yield* checkBind(mount, path)
    yield* checkIdMapping(mount, path, subject)
    yield* checkMappings(subject.entries, mount.uidMappings, [...path, 'uidMappings'])
    yield* checkMappings(subject.entries, mount.gidMappings, [...path, 'gidMappings'])
  }
}

function* checkDestination(
  { destination }: DeepReadonly<Mount>,
  path: JsonPath,
  { version }: Subject,
): Iterable<Finding> {
  const at = [...path, 'destination']
  if (destination === '') {
    yield { code: 'MOUNT_DESTINATION_EMPTY', path: at, value: '', message: 'must not be empty' }
  } else if (!isAbsolute(destination)) {
    // Only since 1.2 is it tolerated.
    const tolerated = version !== undefined && isAtLeast(version, 1, 2)
    const message = `${tolerated ? 'should' : 'must'} be an absolute path, but is ${show(destination)}`
    const severity = tolerated ? 'warning' : 'error'
    yield { code: 'MOUNT_DESTINATION_RELATIVE', path: at, value: destination, message, severity }
  }
}

function* checkBind({ type, source, options = [] }: DeepReadonly<Mount>, path: JsonPath): Iterable<Finding> {
  const isBind = options.includes('bind') || options.includes('rbind')
  if (isBind && (source === undefined || source === '')) {
    const message = 'is missing, but a bind mount needs one'
    yield { code: 'MOUNT_BIND_WITHOUT_SOURCE', path: [...path, 'source'], value: source, message }
  }
  if (type === 'bind' && !isBind && !options.includes('remount')) {
    const message = 'does not make a bind mount: that takes the option bind or rbind'
    yield { code: 'MOUNT_BIND_WITHOUT_OPTION', path: [...path, 'type'], value: type, message }
  }
}

function* checkIdMapping(
  mount: DeepReadonly<Mount>,
  path: JsonPath,
  { spec, isSound }: Subject,
): Iterable<Finding> {
  const { uidMappings = [], gidMappings = [], options = [] } = mount
  const idmapAt = options.findIndex((option) => option === 'idmap' || option === 'ridmap')
  if (uidMappings.length > 0 !== gidMappings.length > 0) {
    const absent = uidMappings.length > 0 ? 'gidMappings' : 'uidMappings'
    const message = 'is missing: the mappings of a mount come in pairs'
    yield { code: 'MOUNT_MAPPINGS_INCOMPLETE', path: [...path, absent], value: mount[absent], message }
    return
  }
  const hasMappings = uidMappings.length > 0
  if (hasMappings && idmapAt < 0) {
    const message = 'should come with the option idmap or ridmap'
    yield {
      code: 'MOUNT_MAPPINGS_WITHOUT_OPTION',
      path: [...path, 'uidMappings'],
      value: uidMappings,
      message,
    }
  }
  const namespaces = spec.linux?.namespaces ?? []
  const inUserNamespace = namespaces.some(({ type }) => type === 'user') || !isSound(['linux', 'namespaces'])
  if (idmapAt >= 0 && !hasMappings && !inUserNamespace) {
    const message = `needs mappings, or a user namespace to take them from: ${show(options[idmapAt])}`
    const at = [...path, 'options', idmapAt]
    yield { code: 'MOUNT_IDMAP_WITHOUT_MAPPINGS', path: at, value: options[idmapAt], message }
  }
}
