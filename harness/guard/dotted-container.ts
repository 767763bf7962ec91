import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** What runtimes write down of a container in its directory below their root: runc and crun. */
export const stateFileNames = { runc: 'state.json', crun: 'status' } as const

/**
 * Whether a name in a runtime's root that begins with a dot is a container's. Most are the runtime's own, as crun's
 * `.cache` with compiled filters; but a runtime that mends bad ids makes one called `..-outside` of `../outside`.
 */
export function isDottedContainer(root: string, name: string): boolean {
  return (
    /^\.[\w+.-]{1,239}$/.test(name) &&
    name !== '..' &&
    Object.values(stateFileNames).some((file) => existsSync(join(root, name, file)))
  )
}
