import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bearsSession } from './session-name.ts'

/** Where ip-netns(8) keeps network namespaces that have a name: each is a file with the namespace mounted on it. */
const directory = '/run/netns'

/** The named network namespaces of this machine, as paths. */
export function networkNamespaces(): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name))
  } catch {
    return [] // none was ever named, or this user may not look
  }
}

/** The network namespaces that bear a session's name, as paths. */
export function networkNamespacesOf(session: string): string[] {
  return networkNamespaces().filter((path) => bearsSession(path.slice(directory.length + 1), session))
}
