import { describe, expect, test } from 'vitest'
import { endsWithError, lastError, parseLog } from './log-entries.ts'

describe('parseLog', () => {
  test.each([
    [
      'runc, JSON',
      '{"level":"error","msg":"runc create failed: x","time":"2026-11-22T07:33:15Z"}',
      { level: 'error', message: 'runc create failed: x', time: '2026-11-22T07:33:15Z' },
    ],
    [
      'crun, JSON: other order of members',
      '{"msg":"container `a` already exists","level":"error","time":"2026-11-22T07:33:17.157252Z"}',
      { level: 'error', message: 'container `a` already exists', time: '2026-11-22T07:33:17.157252Z' },
    ],
    [
      'youki, JSON: the message is among the fields',
      '{"timestamp":"t","level":"ERROR","fields":{"message":"no such container"},"target":"youki"}',
      { level: 'error', message: 'no such container', time: 't' },
    ],
    [
      'runc, text',
      'time="2026-11-22T07:33:37Z" level=error msg="criu failed: \\"type\\" DUMP\\nlog file: /x"',
      { level: 'error', message: 'criu failed: "type" DUMP\nlog file: /x', time: '2026-11-22T07:33:37Z' },
    ],
    [
      'a bare word as message',
      'level=info msg=started',
      { level: 'info', message: 'started', time: undefined },
    ],
    ['anything else', 'Segmentation fault', { level: '', message: 'Segmentation fault', time: undefined }],
    ['a torn JSON line', '{"level":"err', { level: '', message: '{"level":"err', time: undefined }],
    ['JSON that is no entry', '{"pid":1}', { level: '', message: '{"pid":1}', time: undefined }],
  ])('%s', (_what, line, entry) => {
    expect(parseLog(line)).toEqual([entry])
  })

  test('skips empty lines and keeps the order', () => {
    const entries = parseLog('{"level":"warning","msg":"a"}\n\n{"level":"error","msg":"b"}\n')
    expect(entries.map(({ message }) => message)).toEqual(['a', 'b'])
  })
})

const warning = { level: 'warning', message: 'w', time: undefined }
const error = { level: 'error', message: 'e', time: undefined }

describe('what a log says about the cause', () => {
  test('is its last error', () => {
    expect(lastError([error, { ...error, message: 'later' }, warning])).toBe('later')
    expect(lastError([warning])).toBeUndefined()
  })

  test('a log that ends with an error tells of a failed command', () => {
    expect(endsWithError([warning, error])).toBe(true)
    expect(endsWithError([error, warning])).toBe(false)
    expect(endsWithError([])).toBe(false)
  })
})
