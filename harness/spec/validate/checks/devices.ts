import { isAbsolute } from 'node:path'
import type { JsonPath } from '../../json/path.ts'
import type { Device } from '../../schema/devices.ts'
import type { DeepReadonly } from '../../schema/readonly.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

/** Device nodes and the rules about access to devices. */
export const checkDevices: Check = function* ({ spec: { linux }, entries }) {
  const seen = new Set<string>()
  for (const [place, device] of entries(linux?.devices)) {
    const path: JsonPath = ['linux', 'devices', place]
    yield* checkDevice(device, path)
    if (device.type === 'p' || device.major === undefined || device.minor === undefined) continue
    const identity = `${device.type} ${device.major}:${device.minor}`
    if (seen.has(identity)) {
      yield { code: 'DEVICE_DUPLICATE', path, value: device, message: `should be listed once: ${identity}` }
    }
    seen.add(identity)
  }
  for (const [place, { type, access }] of entries(linux?.resources?.devices)) {
    const path: JsonPath = ['linux', 'resources', 'devices', place]
    if (type !== undefined && !['', 'a', 'b', 'c'].includes(type)) {
      const message = `must be a, b or c, but is ${show(type)}`
      yield { code: 'DEVICE_RULE_TYPE', path: [...path, 'type'], value: type, message }
    }
    if (access !== undefined && !/^[rwm]*$/.test(access)) {
      const message = `must be made of r, w and m, but is ${show(access)}`
      yield { code: 'DEVICE_RULE_ACCESS', path: [...path, 'access'], value: access, message }
    }
  }
}

function* checkDevice(device: DeepReadonly<Device>, path: JsonPath): Iterable<Finding> {
  if (!isAbsolute(device.path)) {
    const message = `must be an absolute path, but is ${show(device.path)}`
    yield { code: 'DEVICE_PATH_RELATIVE', path: [...path, 'path'], value: device.path, message }
  }
  for (const number of ['major', 'minor'] as const) {
    if (device.type === 'p' || device[number] !== undefined) continue
    const message = `is missing: a device of type ${device.type} has numbers`
    yield { code: 'DEVICE_NUMBERS_MISSING', path: [...path, number], value: undefined, message }
  }
  if (device.fileMode !== undefined && device.fileMode > 0o777) {
    const message = `should be permission bits, at most 511 (0777), but is ${device.fileMode}: is it octal?`
    yield { code: 'DEVICE_MODE_RANGE', path: [...path, 'fileMode'], value: device.fileMode, message }
  }
}
