/**
 * The pages of docs/reference are what types, comments and commands say. `npm run reference` writes them anew.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { programFor } from '../../harness/cli/program.ts'
import { commandPage } from './command-page.ts'
import { exportReader } from './exports.ts'
import { type EntryPoint, referencePage } from './reference-page.ts'

const directory = fileURLToPath(new URL('../../', import.meta.url))

const entryPoints: Readonly<Record<string, EntryPoint>> = {
  'runwright.md': { specifier: 'runwright', module: 'harness/index.ts' },
  'vitest.md': { specifier: 'runwright/vitest', module: 'harness/vitest/index.ts' },
  'suites.md': { specifier: 'runwright/suites', module: 'suites/index.ts' },
  'spec.md': { specifier: 'runwright/spec', module: 'harness/spec/index.ts' },
}

test('the commands are told as their help tells them', async () => {
  await expect(commandPage(await programFor([]))).toMatchFileSnapshot('../reference/command.md')
})

describe('the exports are told as the types and their comments tell them', () => {
  const exportsOf = exportReader(
    directory,
    Object.values(entryPoints).map(({ module }) => module),
  )

  test.for(Object.entries(entryPoints))('%s', { timeout: 60_000 }, async ([file, entryPoint]) => {
    const page = referencePage(entryPoint, exportsOf(entryPoint.module), introductionOf)
    await expect(page).toMatchFileSnapshot(`../reference/${file}`)
  })
})

/** The comment at the head of a folder's index.ts. */
function introductionOf(folder: string): string {
  const index = `${directory}${folder}/index.ts`
  if (!existsSync(index)) return ''
  const [, comment = ''] = /^\/\*\*(.*?)\*\//s.exec(readFileSync(index, 'utf8')) ?? []
  return comment.replaceAll(/^ ?\* ?/gm, '').trim()
}
