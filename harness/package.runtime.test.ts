import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageDirectory } from './host/index.ts'
import { Strangers } from './packed-package.fixture.ts'
import type { Results } from './report/index.ts'

/** What a stranger writes first, with the two ways of getting the shipped suites beside it. */
const files = {
  'package.json': '{ "name": "stranger", "type": "module", "private": true }\n',
  'echo.test.ts': `import { createBusyboxBundle } from 'runwright'
import { expect, test } from 'runwright/vitest'

test('echo prints', async ({ runtime }) => {
  const bundle = await createBusyboxBundle('echo', ['echo', 'hello'])
  const result = await runtime.run(bundle)
  expect(result).toHaveExited(0)
  expect(result.stdout).toBe('hello\\n')
})
`,
  'again.test.ts': `import { BundleConflictError, createBusyboxBundle } from 'runwright'
import { expect, suite, test } from 'runwright/vitest'

test('the other file’s bundle is shared, and not to be redefined', async () => {
  await createBusyboxBundle('echo', ['echo', 'hello'])
  await expect(createBusyboxBundle('echo', ['echo', 'other'])).rejects.toThrow(BundleConflictError)
})

suite('hostname', ({ test }) => {
  test('the container sees its host name', { covers: [] }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('named', ['hostname'], (spec) => {
      spec.hostname = 'proving-ground'
    })
    expect(await runtime.run(bundle)).toHavePrinted('proving-ground\\n')
  })
})
`,
  'conformance.test.ts': `import { test } from 'vitest'
import { defineSuites } from 'runwright/suites'

defineSuites(test, { runtime: 'runc', areas: ['lifecycle'] })
`,
}

/** A suite of its own, in two modules, and a runtime that does one thing of it wrong. */
const own = {
  'suites/mine.ts': `import { suite } from 'runwright'
import { greeting } from './greeting.ts'

export const mine = suite('mine', ({ test }) => {
  test('a container prints what its program prints', async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('greeting', ['echo', greeting])
    expect(await runtime.run(bundle)).toHavePrinted('hello\\n')
  })

  test('a container that was deleted has no state', async ({ bundles, runtime, expect }) => {
    const container = await runtime.create(await bundles.busybox('sleeping', ['sleep', '600']))
    await container.delete({ force: true })
    await expect(runtime.command(['state', container.id])).toBeRefused()
  })
})
`,
  'suites/greeting.ts': `export const greeting: string = 'hello'
`,
  'my-runtime': `#!/bin/sh
case " $* " in *" state "*) runc "$@" 2> /dev/null || echo '{}'; exit;; esac
exec runc "$@"
`,
}

const isRoot = process.getuid?.() === 0

/** What no source of its own is compiled to. */
const besides = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist/LICENSES',
  'dist/harness/report/html/page-script.js',
  'dist/harness/report/html/page.css',
  ...['config', 'features', 'process', 'state'].map((name) => `dist/schema/${name}.json`),
  'dist/suites/requirements.json',
  'package.json',
]

test('the package holds what its sources are compiled to, and little else', async () => {
  const strangers = await Strangers.pack()
  const files = await strangers.contents()
  await strangers.remove()
  const others = files.filter((file) => !isCompiled(file))
  expect(others.filter((file) => !isJoined(file)).sort()).toEqual(besides)
  expect(others.filter(isJoined).length).toBeGreaterThan(0)
  expect(files.filter((file) => file.startsWith('dist/modules/'))).toEqual([])
  expect(files.filter((file) => /\.(test|fixture)\./.test(file))).toEqual([])
})

function isCompiled(file: string): boolean {
  const [, source] = /^dist\/(.+)(?:\.d\.ts|\.js)$/.exec(file) ?? []
  return source !== undefined && existsSync(join(packageDirectory(), `${source}.ts`))
}

/** Several modules that are loaded together. */
function isJoined(file: string): boolean {
  return /^dist\/chunks\/[\w.-]+\.js$/.test(file)
}

describe('the packed package in an empty project beside vitest 4', () => {
  let strangers: Strangers
  let project: string

  beforeEach((context) => {
    context.skip(!isRoot, 'needs root: it runs containers')
  })

  beforeAll(async () => {
    if (!isRoot) return
    strangers = await Strangers.pack()
    project = await strangers.project('stranger')
    await mkdir(join(project, 'suites'))
    for (const [name, text] of Object.entries({ ...files, ...own }))
      await writeFile(join(project, name), text, { mode: 0o755 })
    await strangers.install(project, 'vitest@4', 'typescript@6', '@types/node@20')
  }, 240_000)

  afterAll(async () => {
    if (isRoot) await strangers.remove()
  })

  test('runs tests of its own and the shipped suites', { timeout: 120_000 }, async () => {
    const { exitCode, all } = await strangers.run(project, ['npx', 'vitest', 'run', '--reporter=verbose'])
    expect(exitCode, all).toBe(0)
    expect(all).toContain('echo prints')
    expect(all).toContain('the container sees its host name')
    expect(all).toContain('whoever creates a container can ask for its state')
  })

  test('is as it was after a run by the command', { timeout: 120_000 }, async () => {
    const installed = join(project, 'node_modules', 'runwright')
    const before = await readdir(installed, { recursive: true })
    const command = ['npx', 'runwright', 'run', 'hostname-domainname']
    const { exitCode, all } = await strangers.run(project, command)
    expect(exitCode, all).toBe(0)
    expect(await readdir(installed, { recursive: true })).toEqual(before)
  })

  test('keeps the bundles of root where containers of any user can reach them', {
    timeout: 120_000,
  }, async () => {
    const asked = `import { homeDirectories } from 'runwright'; console.log(homeDirectories().bundles)`
    const command = ['node', '--input-type=module', '--eval', asked]
    const { all } = await strangers.run(project, command, { XDG_CACHE_HOME: '' })
    expect(all).toBe('/var/cache/runwright/bundles')
  })

  test('runs containers of mapped users, or says why it cannot', { timeout: 120_000 }, async () => {
    const run = async (privacy: number) => {
      const cache = join(project, 'cache')
      await mkdir(cache, { recursive: true })
      await chmod(cache, privacy)
      await strangers.open()
      const { exitCode, all } = await strangers.run(project, ['npx', 'runwright', 'run', 'user'], {
        XDG_CACHE_HOME: cache,
      })
      expect(exitCode, all).toBe(0)
      const results: Results = JSON.parse(await readFile(join(project, 'output', 'results.json'), 'utf8'))
      return results.tests.filter(({ title }) => title.includes('user namespace'))
    }
    const reached = await run(0o711)
    expect(reached).toHaveLength(3)
    for (const { outcome } of reached) expect(outcome).toBe('pass')
    const unreached = await run(0o700)
    expect(unreached).toHaveLength(3)
    for (const test of unreached)
      expect(test).toMatchObject({ outcome: 'skip', reason: expect.stringContaining('RUNWRIGHT_HOME') })
  })

  test('takes a suite of its own to results, a page, and a script for what failed', {
    timeout: 120_000,
  }, async () => {
    const id = 'mine/a-container-that-was-deleted-has-no-state'
    const run = ['npx', 'runwright', 'run', '--suites', 'suites/mine.ts', '--runtime', './my-runtime']
    const red = await strangers.run(project, run)
    expect(red.exitCode, red.all).toBe(1)
    expect(red.all).toContain('red: 1 pass, 1 fail')
    const results: Results = JSON.parse(await readFile(join(project, 'output', 'results.json'), 'utf8'))
    const failed = results.tests.find((test) => test.id === id)
    expect(failed).toMatchObject({ outcome: 'fail', module: 'suites/mine.ts', suite: 'mine' })

    const page = 'npx runwright report output --format html --output report.html'.split(' ')
    expect((await strangers.run(project, page)).exitCode).toBe(0)
    const artifacts = `output/${failed?.artifacts}`
    const html = await readFile(join(project, 'report.html'), 'utf8')
    for (const words of [id, 'a container that was deleted has no state', artifacts])
      expect(html).toContain(words)

    const script = ['sh', join(artifacts, 'repro.sh')]
    const shown = await strangers.run(project, script)
    expect(shown.exitCode, shown.all).toBe(1)
    const elsewhere = await strangers.run(project, script, { RUNTIME: 'runc' })
    expect(elsewhere.exitCode, elsewhere.all).toBe(0)

    await writeFile(join(project, 'my-runtime'), '#!/bin/sh\nexec runc "$@"\n')
    const mended = await strangers.run(project, script)
    expect(mended.exitCode, mended.all).toBe(0)
    const green = await strangers.run(project, run)
    expect(green.exitCode, green.all).toBe(0)
  })

  test('has types that a strict compiler accepts', { timeout: 120_000 }, async () => {
    const options =
      '--noEmit --strict --allowImportingTsExtensions --module nodenext --target es2023 --lib es2023,esnext.disposable --types node --skipLibCheck'
    const sources = Object.keys({ ...files, ...own }).filter((name) => name.endsWith('.ts'))
    const { exitCode, all } = await strangers.run(project, ['npx', 'tsc', ...options.split(' '), ...sources])
    expect(exitCode, all).toBe(0)
  })
})
