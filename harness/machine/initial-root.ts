import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { GuestCommand, GuestLayout } from './guest.ts'
import { commandScript, firstScript } from './guest-scripts.ts'
import { bootModuleFiles } from './kernel-modules.ts'
import { type InitialEntry, writeInitialArchive } from './newc.ts'

const executable = 0o755

/**
 * The initial root file system of a guest: busybox, the modules it boots with, and the scripts.
 *
 * @param busybox path of a static one
 */
export function initialRoot(busybox: string, layout: GuestLayout, command: GuestCommand): Buffer {
  const modules = bootModuleFiles(layout.modules.directory).map((path, position): InitialEntry => {
    // The shell takes them by their names, in the order in which they have to be loaded.
    const name = `${String(position).padStart(2, '0')}-${basename(path)}`
    return { kind: 'file', path: `modules/${name}`, mode: 0o644, content: readFileSync(path) }
  })
  return writeInitialArchive([
    ...['bin', 'modules', 'guest'].map((path): InitialEntry => ({ kind: 'directory', path })),
    { kind: 'file', path: 'bin/busybox', mode: executable, content: readFileSync(busybox) },
    ...modules,
    { kind: 'file', path: 'init', mode: executable, content: Buffer.from(firstScript(layout)) },
    {
      kind: 'file',
      path: 'guest/command',
      mode: executable,
      content: Buffer.from(commandScript(command, layout)),
    },
  ])
}
