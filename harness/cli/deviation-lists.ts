import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Deviation, parseDeviations } from '../suite/index.ts'

/** The records of all of these lists, in their order. */
export async function readDeviations(paths: readonly string[]): Promise<readonly Deviation[]> {
  const lists = await Promise.all(
    paths.map(async (path) => parseDeviations(await readFile(path, 'utf8'), path)),
  )
  return lists.flat()
}

/** The records of a list that may not have been written yet, or not be wanted. */
export async function readDeviationsIfAny(path: string | undefined): Promise<readonly Deviation[]> {
  return path === undefined || !existsSync(path) ? [] : await readDeviations([path])
}
