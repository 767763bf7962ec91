import { readdirSync, readFileSync } from 'node:fs'
import { identifyProcess, type ProcessIdentity } from './process-identity.ts'

/**
 * The descendants that a process has now, zombies left out; each identified, so that it can be killed later even if
 * its parent is gone by then.
 */
export function descendantsOf(pid: number): ProcessIdentity[] {
  const children = childrenByParent()
  const found: ProcessIdentity[] = []
  const open = [pid]
  for (let parent = open.pop(); parent !== undefined; parent = open.pop()) {
    for (const child of children.get(parent) ?? []) {
      open.push(child)
      const identity = identifyProcess(child)
      if (identity !== undefined) found.push(identity)
    }
  }
  return found
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined
    if (parent === undefined) continue
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [Number(name)])
    else siblings.push(Number(name))
  }
  return children
}

/** Field 4 of the stat line, counted from behind the program's name, which may hold anything. */
function parentOf(pid: string): number | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, parent] = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return Number(parent)
  } catch {
    return undefined // it ended meanwhile
  }
}
