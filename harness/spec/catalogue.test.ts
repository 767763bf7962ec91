/** A configuration for each `validation-errors` entry of the catalogue of requirements. */
import { describe, expect, test } from 'vitest'
import { withoutValue, withValue } from './edits/value.ts'
import { decodeJson } from './json/decode.ts'
import { stringifyJson } from './json/stringify.ts'
import { parseSpec } from './load.ts'
import { sound } from './spec.fixture.ts'

function failure(text: string | Buffer): unknown {
  try {
    parseSpec(typeof text === 'string' ? text : decodeJson(text))
  } catch (error) {
    return error
  }
  return undefined
}

function spoilt(path: string, value: unknown): string {
  return stringifyJson(withValue(path, value)(sound))
}

const text = stringifyJson(sound)

describe('what the catalogue calls an error', () => {
  test.for<[id: string, text: string | Buffer, error: object]>([
    ['json-utf8-encoding', Buffer.from(spoilt('hostname', '\u00e4'), 'latin1'), { code: 'JSON_ENCODING' }],
    [
      'json-no-duplicate-names',
      text.replace('"cwd"', '"cwd":"/","cwd"'),
      { code: 'JSON_DUPLICATE_NAME', duplicates: [{ path: ['process', 'cwd'] }] },
    ],
    [
      'ociversion-required',
      stringifyJson(withoutValue('ociVersion')(sound)),
      { problems: [{ code: 'MISSING', path: 'ociVersion' }] },
    ],
    [
      'ociversion-semver',
      spoilt('ociVersion', '1.0.0.0'),
      { problems: [{ code: 'VERSION_MALFORMED', path: 'ociVersion', value: '1.0.0.0' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('linux.namespaces[1].type', 'mnt'),
      { problems: [{ code: 'UNKNOWN_VALUE', path: 'linux.namespaces[1].type', value: 'mnt' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('linux.rootfsPropagation', 'x'),
      { problems: [{ path: 'linux.rootfsPropagation' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('linux.seccomp', { defaultAction: 'x' }),
      { problems: [{ path: 'linux.seccomp.defaultAction' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('process.user.uid', 2 ** 32),
      { problems: [{ code: 'OUT_OF_RANGE', path: 'process.user.uid' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('process.scheduler', { policy: 'x' }),
      { problems: [{ path: 'process.scheduler.policy' }] },
    ],
    [
      'valid-values-invalid-errors',
      spoilt('linux.memoryPolicy', { mode: 'x' }),
      { problems: [{ path: 'linux.memoryPolicy.mode' }] },
    ],
  ])('%s', ([, spec, error]) => {
    expect(failure(spec)).toMatchObject(error)
  })
})

describe('what the catalogue allows', () => {
  test.for<[id: string, text: string]>([
    ['ociversion-compatibility', spoilt('ociVersion', '1.0.0')],
    ['ociversion-compatibility', spoilt('ociVersion', '1.2.1')],
    ['platform-linux-optional', stringifyJson(withoutValue('linux')(sound))],
    ['platform-linux-may-be-set', text],
    ['platform-other-objects-optional', spoilt('windows', { layerFolders: ['x'] })],
    ['extensibility-unknown-may-log', spoilt('x-foo', 1)],
    ['extensibility-unknown-ignored', spoilt('linux.resources.x-foo', null)],
    [
      'extensibility-unknown-ignored',
      spoilt('hooks', { 'x-foo': 1, poststop: [{ path: '/h', 'x-foo': 1 }] }),
    ],
    ['valid-values-subset-allowed', spoilt('linux.rootfsPropagation', 'unbindable')],
  ])('%s', ([, spec]) => {
    expect(failure(spec)).toBeUndefined()
  })
})
