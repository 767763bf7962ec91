import { join } from 'node:path'
import { guestOptionsVariable, guestVariable, slownessVariable } from '../host/index.ts'
import { type Accelerator, type DescribeMachine, emulatorText, guestHome } from '../machine/index.ts'

/** What leads to places that a guest does not have, or is for a network that it does not have either. */
const useless = ['XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS', 'NODE_EXTRA_CA_CERTS'] as const

/**
 * The environment of this process for a guest. Node reads certificates whenever it starts, for half a second there.
 *
 * @param options words of the command line that ask for this guest
 */
export function guestEnvironment(options: readonly string[]): Record<string, string | undefined> {
  return {
    ...process.env,
    ...Object.fromEntries(useless.map((name) => [name, undefined])),
    TMPDIR: '/run/tmp',
    RUNWRIGHT_HOME: join(guestHome, 'home'),
    RUNWRIGHT_SESSIONS: '',
    [guestOptionsVariable]: JSON.stringify(options),
  }
}

/** How many times longer than on the host everything may take: `runc run` takes fifteen times as long emulated. */
const slowness: Readonly<Record<Accelerator, string>> = { kvm: '2', emulation: '10' }

/** Variables that tell the command in a guest where it is, and how slow that is. */
export const environmentOfMachine: DescribeMachine = (emulator, accelerator) => ({
  [guestVariable]: emulatorText(emulator, accelerator),
  [slownessVariable]: slowness[accelerator],
})
