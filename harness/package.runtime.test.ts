import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageDirectory } from './host/index.ts'

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

const isRoot = process.getuid?.() === 0

describe('the packed package in an empty project beside vitest 4', () => {
  let project: string

  beforeEach((context) => {
    context.skip(!isRoot, 'needs root: it runs containers')
  })

  beforeAll(async () => {
    if (!isRoot) return
    project = await mkdtemp(join(tmpdir(), 'runwright-stranger-'))
    await execa('npm', ['pack', '--ignore-scripts', '--pack-destination', project], {
      cwd: packageDirectory(),
    })
    const packed = (await readdir(project)).find((name) => name.endsWith('.tgz'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
    const install = [
      'install',
      '--no-audit',
      '--no-fund',
      `./${packed}`,
      'vitest@4',
      'typescript@6',
      '@types/node@20',
    ]
    await execa('npm', install, { cwd: project })
  }, 240_000)

  afterAll(async () => {
    if (isRoot) await rm(project, { recursive: true, force: true })
  })

  test('runs tests of its own and the shipped suites', { timeout: 120_000 }, async () => {
    const { exitCode, all } = await execa('npx', ['vitest', 'run', '--reporter=verbose'], {
      cwd: project,
      all: true,
      reject: false,
      // Nothing of the vitest that runs this test may reach the one it starts.
      env: { NO_COLOR: '1', XDG_CACHE_HOME: join(project, 'cache') },
      extendEnv: true,
    })
    expect(exitCode, all).toBe(0)
    expect(all).toContain('echo prints')
    expect(all).toContain('the container sees its host name')
    expect(all).toContain('whoever creates a container can ask for its state')
  })

  test('has types that a strict compiler accepts', { timeout: 120_000 }, async () => {
    const options =
      '--noEmit --strict --module nodenext --target es2023 --lib es2023,esnext.disposable --types node'
    const { exitCode, all } = await execa(
      'npx',
      ['tsc', ...options.split(' '), '--skipLibCheck', ...Object.keys(files).filter(isTest)],
      {
        cwd: project,
        all: true,
        reject: false,
      },
    )
    expect(exitCode, all).toBe(0)
  })
})

function isTest(name: string): boolean {
  return name.endsWith('.test.ts')
}
