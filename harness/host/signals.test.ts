import { expect, test } from 'vitest'
import { parseSignal, signalName, UnknownSignalError } from './index.ts'

test.each([
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigterm', 15],
  [15, 15],
  ['15', 15],
  ['IOT', 6],
  ['CLD', 17],
  ['RTMIN', 34],
  ['RTMIN+1', 35],
  ['SIGRTMAX-2', 62],
  ['SIGRTMAX', 64],
  [40, 40],
])('%j is signal %i', (signal, number) => {
  expect(parseSignal(signal)).toBe(number)
})

test.each([
  'BOGUS',
  'SIG',
  '',
  ' ',
  '0',
  0,
  -9,
  '-9',
  65,
  9.5,
  Number.NaN,
  'RTMIN-1',
  'RTMAX+1',
  'RTMIN+31',
  'RTMAX-31',
  '9x',
  'toString',
])('%j is no signal', (signal) => {
  expect(() => parseSignal(signal)).toThrow(UnknownSignalError)
})

test.each([
  [9, 'SIGKILL'],
  [6, 'SIGABRT'],
  [29, 'SIGIO'],
  [34, 34],
  [64, 64],
])('signal %i is called %j', (number, name) => {
  expect(signalName(number)).toBe(name)
})
