import type { Device, DeviceRule } from '../schema/devices.ts'
import { parseDeviceRule } from './device-rules.ts'
import type { Treatment } from './treatment.ts'

const fuse = { type: 'c', major: 10, minor: 229 } as const

/** Without it crun leaves every device of the host open (`a *:* rwm`); runc denies by itself. */
const denyAll: DeviceRule = { allow: false, access: 'rwm' }

/**
 * The device allow list: nothing but /dev/fuse and what the container names. The devices every container has
 * (/dev/null and so on) are for the runtime to add.
 *
 * @param extra Lines as {@link parseDeviceRule} takes them.
 * @throws {GardenDeviceRuleError} for a line that is not a device rule.
 */
export function deviceRules(extra: readonly string[]): DeviceRule[] {
  return [{ ...denyAll }, { allow: true, ...fuse, access: 'rwm' }, ...extra.map(parseDeviceRule)]
}

/** The device nodes a container has beyond those of every container. */
export function deviceNodes(treatment: Treatment): Device[] {
  if (!treatment.fuseDevice) return []
  return [{ path: '/dev/fuse', ...fuse, fileMode: 0o666, uid: 0, gid: 0 }]
}
