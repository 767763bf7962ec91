import { accessSync, constants } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { homeDirectories } from '../host/index.ts'
import type { Accelerator } from './virtual-machine.ts'

/**
 * What to boot with, the better first: KVM where this user may open it, unless it booted nothing since the host was
 * started. That the device is there and opens says little: where nested virtualisation is off, the guest just hangs.
 */
export async function acceleratorToTry(): Promise<readonly Accelerator[]> {
  if (!mayOpenKvm()) return ['emulation']
  const [boot, known] = (await readFile(verdictFile(), 'utf8').catch(() => '')).split('\n')
  return known === 'emulation' && boot === (await bootId()) ? ['emulation'] : ['kvm', 'emulation']
}

/** Keeps for as long as the host runs what booted last. */
export async function rememberAccelerator(accelerator: Accelerator): Promise<void> {
  if (!mayOpenKvm()) return
  await mkdir(dirname(verdictFile()), { recursive: true })
  await writeFile(verdictFile(), `${await bootId()}\n${accelerator}\n`)
}

function verdictFile(): string {
  return join(homeDirectories().archives, 'emulators', 'booted-with')
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}

function mayOpenKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
