import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from '../harness/guard/index.ts'
import { homeDirectories } from '../harness/host/index.ts'

/** A session and a directory beside it, on the file system of the bundles, where floors do their work. */
export interface BenchPlace extends AsyncDisposable {
  readonly session: Session
  readonly directory: string
}

/** Opens a place for one benchmark; all of it goes with it. */
export async function openPlace(): Promise<BenchPlace> {
  const session = await Session.open()
  await session.bundles('runc')
  const directory = mkdtempSync(join(homeDirectories().bundles, 'bench-'))
  return {
    session,
    directory,
    [Symbol.asyncDispose]: async () => {
      rmSync(directory, { recursive: true, force: true })
      await session.close({ deadlineMs: 120_000 })
    },
  }
}
