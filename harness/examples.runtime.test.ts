import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageDirectory } from './host/index.ts'
import { Strangers } from './packed-package.fixture.ts'

const isRoot = process.getuid?.() === 0
const examples = join(packageDirectory(), 'examples')

/** What the output of each example's `npm test` has to say, because it could be empty and green. */
const told: Readonly<Record<string, readonly RegExp[]>> = {
  'engine-author': [/pass 3\n/, /fail 0\n/],
  'runtime-author': [/Tests +\d+ passed \| \d+ skipped/, /deviation: without an id, state does nothing/],
  'test-author': [/Tests +5 passed \(5\)/],
}

describe('the packed package', { timeout: 240_000 }, () => {
  let strangers: Strangers

  beforeEach((context) => {
    context.skip(!isRoot, 'needs root: it runs containers')
  })

  beforeAll(async () => {
    if (isRoot) strangers = await Strangers.pack()
  }, 60_000)

  afterAll(async () => {
    if (isRoot) await strangers.remove()
  })

  test('has these examples', async () => {
    const entries = await readdir(examples, { withFileTypes: true })
    expect(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)).toEqual(Object.keys(told))
  })

  test.each(Object.entries(told))('%s: npm test of a copy', async (name, expected) => {
    const project = await strangers.project(name)
    await cp(join(examples, name), project, { recursive: true, filter: isSource })
    await strangers.install(project)
    const { exitCode, all } = await strangers.run(project, ['npm', 'test'])
    expect(exitCode, all).toBe(0)
    for (const words of expected) expect(all).toMatch(words)
  })

  test('an engine goes without vitest', async () => {
    const project = await strangers.project('without-vitest')
    await strangers.install(project, '--omit=peer')
    expect(await readdir(join(project, 'node_modules'))).not.toContain('vitest')
    const shipped = await strangers.run(project, ['npx', 'runwright', 'run', 'lifecycle'])
    expect(shipped.exitCode, shipped.all).toBe(0)
    const own = await strangers.run(project, ['npx', 'runwright', 'run', '--suites', 'package.json'])
    expect(own.exitCode).toBe(2)
    expect(own.all).toContain("'npm install --save-dev vitest'")
  })
})

/** Somebody may have tried the example in its place. */
function isSource(path: string): boolean {
  return !/\/(node_modules|package-lock\.json)$/.test(path)
}
