import { isAbsolute } from 'node:path'
import type { JsonPath } from '../../json/path.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { Seccomp } from '../../schema/seccomp.ts'
import type { Check, Subject } from '../check.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

/** Seccomp, hidden and read-only paths, personality, resource director. */
export const checkConfinement: Check = function* ({ spec: { linux }, entries }) {
  if (linux === undefined) return
  const { seccomp, maskedPaths, readonlyPaths, personality } = linux
  if (seccomp !== undefined) yield* checkSeccomp(seccomp, entries)
  yield* absolute('MASKED_PATH_RELATIVE', ['linux', 'maskedPaths'], maskedPaths, entries)
  yield* absolute('READONLY_PATH_RELATIVE', ['linux', 'readonlyPaths'], readonlyPaths, entries)
  for (const [place, name] of entries(personality?.flags)) {
    const message = `is no flag of the specification, which has none yet: ${show(name)}`
    yield {
      code: 'PERSONALITY_FLAG_UNKNOWN',
      path: ['linux', 'personality', 'flags', place],
      value: name,
      message,
    }
  }
  yield* checkIntelRdt(linux.intelRdt, entries)
}

function* absolute(
  code: 'MASKED_PATH_RELATIVE' | 'READONLY_PATH_RELATIVE',
  path: JsonPath,
  list: readonly string[] | undefined,
  entries: Subject['entries'],
): Iterable<Finding> {
  for (const [place, name] of entries(list)) {
    if (isAbsolute(name)) continue
    yield {
      code,
      path: [...path, place],
      value: name,
      message: `must be an absolute path, but is ${show(name)}`,
    }
  }
}

/** The actions that hand a number to the program or the tracer (seccomp(2)). */
const actionsWithErrno: readonly string[] = ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE']

/** System calls have six arguments at most. */
const lastArgument = 5

function* checkSeccomp(seccomp: DeepReadonly<Seccomp>, entries: Subject['entries']): Iterable<Finding> {
  const path: JsonPath = ['linux', 'seccomp']
  const { defaultAction, defaultErrnoRet, listenerPath, listenerMetadata, syscalls } = seccomp
  yield* checkErrno([...path, 'defaultErrnoRet'], defaultAction, defaultErrnoRet)
  if (listenerMetadata && !listenerPath) {
    const message = 'must not be set without listenerPath'
    const at = [...path, 'listenerMetadata']
    yield { code: 'SECCOMP_METADATA_WITHOUT_LISTENER', path: at, value: listenerMetadata, message }
  }
  if (!listenerPath) yield* checkNotify([...path, 'defaultAction'], defaultAction)
  for (const [place, { action, errnoRet, args }] of entries(syscalls)) {
    const at = [...path, 'syscalls', place]
    yield* checkErrno([...at, 'errnoRet'], action, errnoRet)
    if (!listenerPath) yield* checkNotify([...at, 'action'], action)
    for (const [position, { index }] of entries(args)) {
      if (index <= lastArgument) continue
      const message = `must be between 0 and ${lastArgument}, but is ${index}`
      yield {
        code: 'SECCOMP_ARGUMENT_INDEX',
        path: [...at, 'args', position, 'index'],
        value: index,
        message,
      }
    }
  }
}

function* checkErrno(path: JsonPath, action: string, errno: number | undefined): Iterable<Finding> {
  if (errno === undefined || actionsWithErrno.includes(action)) return
  const message = `cannot be given with ${action}, which returns no error number`
  yield { code: 'SECCOMP_ERRNO_UNSUPPORTED', path, value: errno, message }
}

function* checkNotify(path: JsonPath, action: string): Iterable<Finding> {
  if (action !== 'SCMP_ACT_NOTIFY') return
  const message = 'needs linux.seccomp.listenerPath: there is nobody to notify'
  yield { code: 'SECCOMP_NOTIFY_WITHOUT_LISTENER', path, value: action, message }
}

function* checkIntelRdt(
  intelRdt: DeepReadonly<{ schemata?: string[] | undefined; l3CacheSchema?: string | undefined }> = {},
  entries: Subject['entries'],
): Iterable<Finding> {
  const path: JsonPath = ['linux', 'intelRdt']
  for (const [place, line] of entries(intelRdt.schemata)) {
    if (!line.includes('\n')) continue
    const message = `must be one line, but is ${show(line)}`
    yield { code: 'INTEL_RDT_LINE_BREAK', path: [...path, 'schemata', place], value: line, message }
  }
  const { l3CacheSchema: schema } = intelRdt
  if (schema !== undefined && !/^L3[^\n]*$/.test(schema)) {
    const message = `should be one line that starts with L3:, but is ${show(schema)}`
    yield { code: 'INTEL_RDT_PREFIX', path: [...path, 'l3CacheSchema'], value: schema, message }
  }
}
