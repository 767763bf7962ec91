import { readdir } from 'node:fs/promises'
import { DeadlineError, until } from '../host/index.ts'
import { isUnderWay } from './partial-name.ts'

/** Longer than unpacking takes. Who waited so long in vain, for a stopped process perhaps, does the work itself. */
const patienceMs = 60_000

/**
 * Waits while other processes are at the same work, to save the effort: it is no lock, two may get through. Of several
 * that start at once the one whose partial name comes first goes on. One that ends or is killed is not waited for.
 *
 * @param purpose what the names are made with, see `partialName`
 * @param own name of the caller's partial directory, if it has made one: only those before it are waited for
 * @throws the signal's reason
 */
export async function waitForTurn(
  directory: string,
  purpose: string,
  { own, signal }: { readonly own?: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const isFree = async (): Promise<boolean> => {
    const names = await readdir(directory)
    return names.every(
      (name) => name === own || !isUnderWay(name, purpose) || (own !== undefined && own < name),
    )
  }
  const options = {
    timeoutMs: patienceMs,
    what: 'another process to unpack',
    ...(signal === undefined ? {} : { signal }),
  }
  await until(isFree, options).catch((error: unknown) => {
    if (!(error instanceof DeadlineError)) throw error
  })
}
