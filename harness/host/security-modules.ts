import { readFileSync } from 'node:fs'
import { UnmetNeedError } from './unmet-need-error.ts'

/** A label of the policy for containers that distributions with SELinux ship; with categories, as engines give them. */
export const selinuxLabel = 'system_u:system_r:container_t:s0:c123,c456'

const profilesFile = '/sys/kernel/security/apparmor/profiles'

/**
 * A loaded AppArmor profile that denies its programs nothing, because it is in a mode that does not.
 *
 * @throws UnmetNeedError when there is none
 */
export function lenientAppArmorProfile(): string {
  const name = lenientProfileIn(profilesText())
  if (name === undefined)
    throw new UnmetNeedError('no AppArmor profile is loaded in a mode that denies nothing')
  return name
}

/** Finds such a profile among lines of the form `NAME (MODE)`. */
export function lenientProfileIn(text: string): string | undefined {
  return /^(?<name>\S.*) \((?:complain|unconfined)\)$/m.exec(text)?.groups?.['name']
}

function profilesText(): string {
  try {
    return readFileSync(profilesFile, 'utf8')
  } catch (cause) {
    throw new UnmetNeedError(`${profilesFile} cannot be read: AppArmor is off, or securityfs not mounted`, {
      cause,
    })
  }
}
