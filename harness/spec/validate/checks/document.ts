import type { JsonPath } from '../../json/path.ts'
import type { Check, Subject } from '../check.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

/** The longest name uname(2) has room for, in bytes. */
const longestName = 64

/** Version, root file system, host and domain name, annotations. */
export const checkDocument: Check = function* (subject) {
  const { spec, version } = subject
  if (version === undefined) {
    const message = `must be a version in the form of SemVer 2.0.0, but is ${show(spec.ociVersion)}`
    yield { code: 'VERSION_MALFORMED', path: ['ociVersion'], value: spec.ociVersion, message }
  }
  if (spec.root === undefined) {
    const message = 'is missing, but a container on Linux needs a root file system'
    yield { code: 'ROOT_MISSING', path: ['root'], value: undefined, message }
  } else if (spec.root.path === '') {
    yield { code: 'ROOT_PATH_EMPTY', path: ['root', 'path'], value: '', message: 'must not be empty' }
  }
  if (spec.annotations !== undefined && Object.hasOwn(spec.annotations, '')) {
    yield {
      code: 'ANNOTATION_KEY_EMPTY',
      path: ['annotations', ''],
      value: spec.annotations[''],
      message: 'must have a name',
    }
  }
  const separate = hasOwnName(subject)
  yield* checkName('HOSTNAME', ['hostname'], spec.hostname, separate)
  yield* checkName('DOMAINNAME', ['domainname'], spec.domainname, separate)
}

/** Whether the container has a uts namespace; also when that cannot be told. */
function hasOwnName({ spec, isSound }: Subject): boolean {
  if (!isSound(['linux', 'namespaces'])) return true
  return (spec.linux?.namespaces ?? []).some(({ type }) => type === 'uts')
}

function* checkName(
  what: 'HOSTNAME' | 'DOMAINNAME',
  path: JsonPath,
  name: string | undefined,
  separate: boolean,
): Iterable<Finding> {
  if (name === undefined || name === '') return
  if (!separate) {
    const message = `sets ${show(name)} without a uts namespace: the host would be renamed`
    yield { code: `${what}_WITHOUT_UTS`, path, value: name, message }
  }
  const bytes = Buffer.byteLength(name)
  if (bytes > longestName) {
    const message = `must not be longer than ${longestName} bytes, but has ${bytes}`
    yield { code: `${what}_TOO_LONG`, path, value: name, message }
  }
}
