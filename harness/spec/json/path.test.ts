import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatPath, parsePath } from './path.ts'

describe('paths', () => {
  test.for<[path: (string | number)[], text: string]>([
    [[], ''],
    [['process', 'rlimits', 0, 'type'], 'process.rlimits[0].type'],
    [['annotations', 'a.b'], 'annotations["a.b"]'],
    [['linux', 'sysctl', 'net.ipv4.ip_forward'], 'linux.sysctl["net.ipv4.ip_forward"]'],
    [[3, ''], '[3][""]'],
    [['0'], '["0"]'],
  ])('%j is written %s', ([path, text]) => {
    expect(formatPath(path)).toBe(text)
    expect(parsePath(text)).toEqual(path)
  })

  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.nat())), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path)
      }),
    )
  })

  test.for(['.', 'a.', '.a', 'a..b', 'a[', 'a[]', 'a[-1]', 'a["b]', 'a[x]', 'a b', '[1]b', 'a["\\x"]'])(
    '%j is no path',
    (text) => {
      expect(parsePath(text)).toBeUndefined()
    },
  )
})
