import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Strangers } from './packed-package.fixture.ts'

const isRoot = process.getuid?.() === 0

/** The commands of a workflow in their order: `run: command`, or `run: >` and lines that belong together. */
function commandsOf(workflow: string): string[] {
  const steps = workflow.matchAll(/\brun: (?:>\n(?<folded>(?: {10}\S.*\n)+)|(?<plain>.+)\n)/g)
  return [...steps].map(({ groups }) => (groups?.['plain'] ?? groups?.['folded'] ?? '').replace(/\s+/g, ' '))
}

describe('what init writes into an empty directory', { timeout: 120_000 }, () => {
  let strangers: Strangers
  let project: string

  beforeEach((context) => {
    context.skip(!isRoot, 'needs root: it runs containers')
  })

  beforeAll(async () => {
    if (!isRoot) return
    strangers = await Strangers.pack()
    project = await strangers.project('repository')
    await strangers.install(project, '--no-save', '--omit=peer')
    const { exitCode, all } = await strangers.run(project, ['npx', 'runwright', 'init'])
    expect(exitCode, all).toBe(0)
    expect(all).toMatch(/^written +package\.json$/m)
    // No registry has the version that the manifest asks for; everything else comes as it says.
    await strangers.install(project)
  }, 240_000)

  afterAll(async () => {
    if (isRoot) await strangers.remove()
  })

  test('passes its npm test', async () => {
    const { exitCode, all } = await strangers.run(project, ['npm', 'test'])
    expect(exitCode, all).toBe(0)
    expect(all).toContain('a container prints what its program prints')
    expect(all).toContain('whoever creates a container can ask for its state')
  })

  test('has a workflow whose every step succeeds', async () => {
    const workflow = await readFile(join(project, '.github', 'workflows', 'conformance.yml'), 'utf8')
    const commands = commandsOf(workflow)
    expect(commands).toHaveLength(5)
    // One suite stands for all, and we are root already.
    const script = commands.map((command) =>
      command.replace('runwright run', 'runwright run hostname-domainname'),
    )
    const sudo = 'sudo() { [ "$1" = -E ] && shift; "$@"; }'
    const summary = join(project, 'step-summary.md')
    const { exitCode, all } = await strangers.run(project, ['bash', '-euxc', [sudo, ...script].join('\n')], {
      GITHUB_STEP_SUMMARY: summary,
    })
    expect(exitCode, all).toBe(0)
    expect(all).toContain('green: ')
    expect(await readFile(summary, 'utf8')).toContain('runc')
    expect(await readFile(join(project, 'results', 'junit.xml'), 'utf8')).toContain('hostname-domainname')
  })
})
