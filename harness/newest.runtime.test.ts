import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageDirectory } from './host/index.ts'
import { Strangers } from './packed-package.fixture.ts'

const isRoot = process.getuid?.() === 0
const isWanted = process.env['RUNWRIGHT_NEWEST'] === '1'
const isPossible = isRoot && isWanted

describe('the packed package on Node 24 beside vitest 5', { timeout: 120_000 }, () => {
  let strangers: Strangers
  let project: string

  beforeEach((context) => {
    context.skip(!isWanted, "needs RUNWRIGHT_NEWEST=1 ('npm run test:newest'): it downloads Node 24")
    context.skip(!isRoot, 'needs root: it runs containers')
  })

  beforeAll(async () => {
    if (!isPossible) return
    strangers = await Strangers.pack()
    project = await strangers.project('newest')
    await cp(join(packageDirectory(), 'examples', 'runtime-author'), project, { recursive: true })
    // This package's program lies where npm looks for programs first, so that it runs all the others.
    await strangers.install(project, `node-linux-${process.arch}@24`, 'vitest@5')
  }, 240_000)

  afterAll(async () => {
    if (isPossible) await strangers.remove()
  })

  test('runs tests of its own and the shipped suites', async () => {
    const version = await strangers.run(project, ['npx', 'node', '--version'])
    expect(version.all).toMatch(/^v24\./m)
    const { exitCode, all } = await strangers.run(project, ['npm', 'test'])
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(/RUN +v5\./)
    expect(all).toContain('deviation: without an id, state does nothing and succeeds')
  })

  test('runs a suite by the command, and leaves nothing in the home of its user', async () => {
    const home = join(project, 'home')
    await mkdir(home)
    const programs = join(project, 'node_modules', '.bin')
    const { exitCode, all } = await strangers.run(
      project,
      [join(programs, 'node'), join(programs, 'runwright'), 'run', 'hostname-domainname'],
      { HOME: home },
    )
    expect(exitCode, all).toBe(0)
    expect(all).toContain('green: ')
    expect(await readdir(home)).toEqual([])
  })
})
