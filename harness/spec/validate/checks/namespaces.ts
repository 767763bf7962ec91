import { isAbsolute } from 'node:path'
import type { Linux } from '../../schema/linux.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { Check, Subject } from '../check.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'
import { checkMappings } from './mappings.ts'

const listPath = ['linux', 'namespaces']

/** The namespaces, and the settings that depend on one. */
export const checkNamespaces: Check = function* ({ spec: { linux }, entries, isSound }) {
  if (linux === undefined) return
  const seen = new Set<string>()
  for (const [place, { type, path }] of entries(linux.namespaces)) {
    const at = [...listPath, place]
    if (seen.has(type)) {
      yield {
        code: 'NAMESPACE_DUPLICATE',
        path: [...at, 'type'],
        value: type,
        message: `is listed twice: ${type}`,
      }
    }
    seen.add(type)
    if (path !== undefined && path !== '' && !isAbsolute(path)) {
      const message = `must be an absolute path, but is ${show(path)}`
      yield { code: 'NAMESPACE_PATH_RELATIVE', path: [...at, 'path'], value: path, message }
    }
  }
  yield* checkUserNamespace(linux, entries, isSound)
  yield* checkTimeOffsets(linux, seen.has('time') || !isSound(listPath))
}

const mappingNames = ['uidMappings', 'gidMappings'] as const

function* checkUserNamespace(
  linux: DeepReadonly<Linux>,
  entries: Subject['entries'],
  isSound: Subject['isSound'],
): Iterable<Finding> {
  const namespaces = entries(linux.namespaces)
  const [place, own] = namespaces.find(([, { type }]) => type === 'user') ?? []
  const isMapped = (name: (typeof mappingNames)[number]) =>
    (linux[name] ?? []).length > 0 || !isSound(['linux', name])
  const unmapped = mappingNames.filter((name) => !isMapped(name))
  if (own !== undefined && !own.path && unmapped.length > 0) {
    const message = `makes a user namespace, but there are no ${unmapped.join(' and no ')}`
    const path = [...listPath, place ?? 0]
    yield { code: 'USER_NAMESPACE_WITHOUT_MAPPINGS', path, value: own, message }
  }
  for (const name of mappingNames) {
    yield* checkMappings(entries, linux[name], ['linux', name])
    if (own === undefined && isMapped(name) && isSound(listPath)) {
      const message = 'means nothing without a user namespace'
      yield { code: 'MAPPINGS_WITHOUT_USER_NAMESPACE', path: ['linux', name], value: linux[name], message }
    }
  }
}

const clocks = ['boottime', 'monotonic'] as const

function* checkTimeOffsets({ timeOffsets }: DeepReadonly<Linux>, separate: boolean): Iterable<Finding> {
  if (timeOffsets === undefined) return
  if (!separate) {
    const message = 'cannot be applied without a time namespace'
    yield {
      code: 'TIME_OFFSETS_WITHOUT_NAMESPACE',
      path: ['linux', 'timeOffsets'],
      value: timeOffsets,
      message,
    }
  }
  for (const clock of clocks) {
    const nanoseconds = timeOffsets[clock]?.nanosecs ?? 0
    if (nanoseconds < 1e9) continue
    const path = ['linux', 'timeOffsets', clock, 'nanosecs']
    const message = `must be less than a second, but is ${nanoseconds}`
    yield { code: 'TIME_OFFSET_RANGE', path, value: nanoseconds, message }
  }
}
