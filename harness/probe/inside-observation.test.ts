import { expect, test } from 'vitest'
import { parseFiles } from './devices.ts'
import { InsideObservation } from './inside-observation.ts'
import { NoReportError } from './inside-report.ts'
import { reportMark } from './inside-script.ts'
import { parseMemoryPolicy, parseScheduling } from './process-files.ts'

function report(sections: Readonly<Record<string, string>>, end = `${reportMark} end -\n`): string {
  const lines = Object.entries(sections).map(
    ([name, text]) => `${reportMark} ${name} ${Buffer.from(text).toString('base64')}\n`,
  )
  return lines.join('') + end
}

test('a report without its last line is none', () => {
  expect(() => new InsideObservation(report({ umask: '0022\n' }, ''))).toThrow(NoReportError)
  expect(() => new InsideObservation('')).toThrow(/printed ""/)
})

test('what a container chose cannot pass for a line of the report', () => {
  const forged = `x\n${reportMark} umask ${Buffer.from('0777\n').toString('base64')}\n${reportMark} end -\n`
  const observation = new InsideObservation(report({ environment: `A=${forged}\0`, umask: '0022\n' }))
  expect(observation.umask).toBe(0o022)
  expect(observation.environment).toEqual([`A=${forged}`])
})

test('a section that is missing or empty throws when it is asked for, and not before', () => {
  const observation = new InsideObservation(report({ umask: '0022\n', hostname: '' }))
  expect(observation.umask).toBe(0o022)
  expect(() => observation.hostname).toThrow(NoReportError)
  expect(() => observation.mounts).toThrow(/'mounts'/)
})

test('a report that came through a terminal is read like any other', () => {
  const text = `warning\r\n${report({ hostname: 'box\n' }).replaceAll('\n', '\r\n')}`
  expect(new InsideObservation(text).hostname).toBe('box')
})

test('only one line feed is taken from the end of a name', () => {
  expect(new InsideObservation(report({ hostname: ' two words \n\n' })).hostname).toBe(' two words \n')
})

test('an empty environment is empty, and an empty entry is an entry', () => {
  expect(new InsideObservation(report({})).environment).toEqual([])
  expect(new InsideObservation(report({ environment: 'A=1\0\0' })).environment).toEqual(['A=1', ''])
})

test('a program whose name holds spaces and parentheses does not shift the fields of stat', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3))
  expect(parseScheduling(`7 (a) b (c) ${fields.join(' ')}`)).toEqual({
    policy: 41,
    nice: 19,
    realTimePriority: 40,
  })
  expect(parseScheduling('7 (sh) S 1')).toBeUndefined()
})

test('device numbers are hexadecimal and modes octal', () => {
  expect(parseFiles("/dev/x|character special file|fd|1f|1666|5|6|'/dev/x'\n/dev/y|broken")).toEqual([
    {
      path: '/dev/x',
      kind: 'character device',
      major: 0xfd,
      minor: 0x1f,
      mode: 0o1666,
      uid: 5,
      gid: 6,
      target: undefined,
    },
  ])
})

test.each([
  ['55d0 default file=/bin/sh mapped=2 N0=2', 'default'],
  ['55d0 bind=static:0 anon=1', 'bind=static:0'],
  ['55d0 prefer (many):0-1 heap anon=1', 'prefer (many):0-1'],
  ['55d0 weighted interleave:0 stack', 'weighted interleave:0'],
  ['55d0 local', 'local'],
  ['', undefined],
])('the memory policy in %j is %j', (text, policy) => {
  expect(parseMemoryPolicy(text)).toBe(policy)
})
