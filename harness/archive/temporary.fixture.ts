import { mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeTree } from './remove-tree.ts'

/** A new directory, removed after the test that `onTestFinished` belongs to. */
export async function temporaryDirectory(
  onTestFinished: (remove: () => Promise<void>) => void,
): Promise<string> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'runwright-archive-'))
  onTestFinished(async () => await removeTree(directory))
  return directory
}
