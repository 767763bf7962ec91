import { describe, expect, test } from 'vitest'
import { comparableVersion, parseVersion } from './version.ts'

describe('parseVersion', () => {
  test.each([
    [
      'runc',
      'runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\ngo: go1.19.8\nlibseccomp: 2.5.4\n',
      { name: 'runc', version: '1.1.5+ds1', commit: '1.1.5+ds1-1+deb12u1', spec: '1.0.2-dev' },
    ],
    [
      'crun',
      'crun version 1.8.1\ncommit: f8a0\nrundir: /run/crun\nspec: 1.0.0\n+SYSTEMD +SELINUX\n',
      { name: 'crun', version: '1.8.1', commit: 'f8a0', spec: '1.0.0' },
    ],
    [
      'runsc',
      'runsc version release-20241118.0\nspec: 1.1.0-rc.1\n',
      { name: 'runsc', version: 'release-20241118.0', commit: undefined, spec: '1.1.0-rc.1' },
    ],
    [
      'a colon after "version"',
      'youki version: 0.5.1\ncommit: 0.5.1-0-abc\n',
      { name: 'youki', version: '0.5.1', commit: '0.5.1-0-abc', spec: undefined },
    ],
    ['one line', 'runc version 1.0', { name: 'runc', version: '1.0', commit: undefined, spec: undefined }],
    [
      'an empty field',
      'x version 1\ncommit:\nspec: 1',
      { name: 'x', version: '1', commit: undefined, spec: '1' },
    ],
    ['nothing', '', { name: undefined, version: undefined, commit: undefined, spec: undefined }],
    [
      'garbage',
      'usage: prog [OPTION]\n',
      { name: undefined, version: undefined, commit: undefined, spec: undefined },
    ],
  ])('%s', (_what, text, parsed) => {
    expect(parseVersion(text)).toEqual({ ...parsed, text })
  })
})

test.each([
  ['1.1.5+ds1', '1.1.5'],
  ['1.28', '1.28.0'],
  ['release-20241118.0', '20241118.0.0'],
  ['0.0~20240729.0', '20240729.0.0'],
  ['0.0~20221219.0', '20221219.0.0'],
  ['unknown', undefined],
  [undefined, undefined],
])('%s is compared as %s', (version, comparable) => {
  expect(comparableVersion(version)?.version).toBe(comparable)
})
