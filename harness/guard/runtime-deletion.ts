import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { atThisPace } from '../host/index.ts'
import type { Deadline } from './deadline.ts'
import { isDottedContainer } from './dotted-container.ts'
import { type MarkedBy, markVariable } from './processes.ts'
import type { RuntimeRecord } from './runtime-record.ts'
import { sandboxFiles } from './sandbox-files.ts'

/** How long a runtime may take to delete one container. It took 10 ms; one that hangs must not use up the deadline. */
const longestDeletionMs = atThisPace(5000)

/** What every runtime takes for a container id. */
const containerId = /^[A-Za-z0-9_][A-Za-z0-9_+.-]{0,239}$/

/** The containers a runtime was, or was about to be, asked for: by the driver's directories and its own. */
export function knownContainers({ root, directory }: Pick<RuntimeRecord, 'root' | 'directory'>): string[] {
  const ids = [...directoriesIn(directory), ...directoriesIn(root), ...sandboxFiles(root).map(({ id }) => id)]
  return [...new Set(ids)].filter((name) => containerId.test(name) || isDottedContainer(root, name))
}

/**
 * Tells a runtime to delete containers, whatever they are doing (`delete --force`). It cleans up better than an
 * outsider can, but cannot be relied on: what it leaves is removed afterwards, and once it is missing or hangs it is
 * not asked again.
 */
export async function deleteContainers(
  runtime: RuntimeRecord,
  session: MarkedBy,
  deadline: Deadline,
): Promise<void> {
  for (const id of knownContainers(runtime)) {
    const end = await deleteContainer(runtime, id, session, deadline.share(0.5, longestDeletionMs))
    if (end === 'unusable') return
  }
}

async function deleteContainer(
  { command, environment }: RuntimeRecord,
  id: string,
  session: MarkedBy,
  timeoutMs: number,
): Promise<'ended' | 'unusable'> {
  const [program = '', ...words] = command
  const limit = AbortSignal.timeout(timeoutMs)
  const child = spawn(program, [...words, 'delete', '--force', id], {
    cwd: '/',
    env: { ...process.env, ...environment, [markVariable]: session.id },
    stdio: 'ignore',
    detached: true,
  })
  try {
    await once(child, 'exit', { signal: limit })
    return 'ended'
  } catch {
    child.kill('SIGKILL') // out of time or never started; what it started bears the session's mark
    return 'unusable'
  }
}

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}
