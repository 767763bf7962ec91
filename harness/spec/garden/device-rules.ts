import type { DeviceRule } from '../schema/devices.ts'
import { GardenDeviceRuleError } from './errors.ts'

/** Twelve bits of major and twenty of minor number: what the kernel keeps of a device (linux/kdev_t.h). */
const largestNumber = { major: 2 ** 12 - 1, minor: 2 ** 20 - 1 } as const

/**
 * Reads a line of a device allow list, `type major:minor access` as in the devices cgroup: `c 10:200 rwm`, `b 8:* r`.
 * A number that is `*` stands for all and is left out.
 *
 * @throws {GardenDeviceRuleError} that names the line and the part of it that is wrong.
 */
export function parseDeviceRule(rule: string): DeviceRule {
  const [type, numbers, access, ...rest] = rule.trim().split(/\s+/)
  if (type === undefined || numbers === undefined || access === undefined || rest.length > 0) {
    throw new GardenDeviceRuleError(
      `invalid device rule '${rule}': expected format 'type major:minor access', such as 'c 10:200 rwm'`,
    )
  }
  if (!/^[abc]$/.test(type)) {
    throw new GardenDeviceRuleError(`invalid device type '${type}' in '${rule}': must be a, b, or c`)
  }
  const { major, minor } = parseNumbers(numbers, rule)
  checkAccess(access, rule)
  return {
    allow: true,
    type,
    ...(major !== undefined && { major }),
    ...(minor !== undefined && { minor }),
    access,
  }
}

function parseNumbers(
  numbers: string,
  rule: string,
): { major: number | undefined; minor: number | undefined } {
  const [major, minor, ...rest] = numbers.split(':')
  if (major === undefined || minor === undefined || rest.length > 0) {
    throw new GardenDeviceRuleError(
      `invalid major:minor '${numbers}' in '${rule}': expected two numbers, or '*' for all`,
    )
  }
  return { major: parseNumber('major', major, rule), minor: parseNumber('minor', minor, rule) }
}

function parseNumber(which: 'major' | 'minor', text: string, rule: string): number | undefined {
  if (text === '*') return undefined
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > largestNumber[which]) {
    throw new GardenDeviceRuleError(
      `invalid ${which} number '${text}' in '${rule}': must be '*' or 0 to ${largestNumber[which]}`,
    )
  }
  return number
}

function checkAccess(access: string, rule: string): void {
  const wrong = [...access].find((character) => !'rwm'.includes(character))
  if (wrong !== undefined) {
    throw new GardenDeviceRuleError(`invalid access character '${wrong}' in '${rule}': must be r, w, or m`)
  }
}
