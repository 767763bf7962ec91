import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupLayout } from '../host/index.ts'

/** How deep below a hierarchy's root a container's cgroup is looked for. */
const searchDepth = 8

/** Every cgroup directory of the host whose own name holds `name`, over all hierarchies. */
export function cgroupDirectoriesNamed(name: string): string[] {
  const { controllers, unified } = cgroupLayout()
  const roots = new Set([...controllers.values(), ...(unified === undefined ? [] : [unified])])
  return [...roots].flatMap((root) => search(root, name, searchDepth))
}

function search(directory: string, name: string, depth: number): string[] {
  if (depth === 0) return []
  return childDirectories(directory).flatMap((child) => {
    const path = join(directory, child)
    return child.includes(name) ? [path] : search(path, name, depth - 1)
  })
}

function childDirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    // A cgroup may go while it is looked at; then there is nothing below it.
    return []
  }
}
