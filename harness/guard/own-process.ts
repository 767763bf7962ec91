import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Children of any thread of this process; none on a kernel built without CONFIG_PROC_CHILDREN. */
export function childrenOfThisProcess(): number[] {
  return entriesOf('/proc/self/task').flatMap((thread) => readPids(`/proc/self/task/${thread}/children`))
}

function readPids(path: string): number[] {
  try {
    return readFileSync(path, 'utf8').split(' ').map(Number).filter(Boolean)
  } catch {
    return []
  }
}

/** What Node and libuv open for themselves when they first need it. */
const ownKinds: readonly string[] = [
  'anon_inode:[eventpoll]',
  'anon_inode:[eventfd]',
  'anon_inode:[io_uring]',
]

/** The open descriptors of this process, with what each stands for. */
export function openDescriptors(): string[] {
  return entriesOf('/proc/self/fd').flatMap((descriptor) => {
    const target = targetOf(descriptor)
    return target === undefined || ownKinds.includes(target) ? [] : [`${descriptor} ${target}`]
  })
}

function targetOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return undefined // the one that the list itself was read with
  }
}

/** The names in a directory; none where it is not there. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
