import { describe, expect, test } from 'vitest'
import type { DeviceRule } from '../schema/devices.ts'
import { parseDeviceRule } from './device-rules.ts'
import { GardenDeviceRuleError } from './errors.ts'

describe('parseDeviceRule', () => {
  test.each<[string, DeviceRule]>([
    ['c 10:200 rwm', { allow: true, type: 'c', major: 10, minor: 200, access: 'rwm' }],
    ['b 8:* r', { allow: true, type: 'b', major: 8, access: 'r' }],
    ['c *:229 w', { allow: true, type: 'c', minor: 229, access: 'w' }],
    ['a *:* m', { allow: true, type: 'a', access: 'm' }],
    ['  c   1:3\tmw ', { allow: true, type: 'c', major: 1, minor: 3, access: 'mw' }],
  ])('reads %j', (text, rule) => {
    expect(parseDeviceRule(text)).toEqual(rule)
  })

  test.each([
    ['', "invalid device rule '': expected format 'type major:minor access'"],
    ['c 1:3', "invalid device rule 'c 1:3'"],
    ['c 1:3 rwm x', 'invalid device rule'],
    ['u 1:3 rwm', "invalid device type 'u' in 'u 1:3 rwm': must be a, b, or c"],
    ['cc 1:3 rwm', 'invalid device type'],
    ['c 13 rwm', "invalid major:minor '13'"],
    ['c 1:2:3 rwm', 'invalid major:minor'],
    ['c x:3 rwm', "invalid major number 'x'"],
    ['c -1:3 rwm', 'invalid major number'],
    ['c 4096:3 rwm', 'invalid major number'],
    ['c :3 rwm', "invalid major number ''"],
    ['c 1:y rwm', "invalid minor number 'y'"],
    ['c 1:0x3 rwm', 'invalid minor number'],
    ['c 1:1048576 rwm', 'invalid minor number'],
    ['c 1:3 rwx', "invalid access character 'x' in 'c 1:3 rwx': must be r, w, or m"],
  ])('refuses %j', (text, problem) => {
    expect(() => parseDeviceRule(text)).toThrow(problem)
    expect(() => parseDeviceRule(text)).toThrow(GardenDeviceRuleError)
  })
})
