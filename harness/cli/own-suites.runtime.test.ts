// Suites of a user's own, by the compiled command: what `--suites` takes, and that its tests go the way of the shipped
// ones.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { packageDirectory, programPath } from '../host/index.ts'
import type { Results } from '../report/index.ts'

/** Modules that nobody means to write, and what is said about each. */
const unwanted: Readonly<Record<string, readonly [text: string, ...words: readonly string[]]>> = {
  'throws.ts': ["throw new Error('no luck')\n", 'throws.ts cannot be loaded: no luck', 'throws.ts:1:7'],
  'syntax.ts': ['export const own = {\n', 'syntax.ts cannot be loaded:', 'syntax.ts:1:'],
  'astray.ts': ["export * from './nowhere.ts'\n", 'astray.ts cannot be loaded:', 'nowhere.ts'],
  'nothing.ts': ['export const own = 1\n', 'nothing.ts exports no suite'],
  'vitest.ts': ["export { suite } from 'runwright/vitest'\n", "declared with 'suite' of 'runwright'"],
  'taken.ts': [
    "import { suite } from 'runwright'\nexport const mine = suite('kill', ({ test }) => test('ends', async () => {}))\n",
    "runwright/suites and taken.ts both have a suite 'kill'",
  ],
  'title.ts': [
    "import { suite } from 'runwright'\n\nexport const mine = suite('My Suite', () => {})\n",
    "title.ts cannot be loaded: 'My Suite' is no name for a suite",
    'title.ts:3:',
  ],
}

/** What a newcomer writes, over two modules, in TypeScript that no Node takes as it stands. */
const modules: Readonly<Record<string, string>> = {
  'own.ts': `import { suite } from 'runwright'
import { Greeting } from './greeting.ts'

export const greeting = suite('greeting', ({ test }) => {
  test('a container greets', async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('hello', ['echo', Greeting.Usual])
    expect(await runtime.run(bundle)).toHavePrinted('hello\\n')
  })

  test('a container has its host name', { covers: ['hostname-optional'] }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('named', ['hostname'], (spec) => {
      spec.hostname = 'proving-ground'
    })
    expect(await runtime.run(bundle)).toHavePrinted('proving-ground\\n')
  })
})
`,
  'greeting.ts': "export enum Greeting { Usual = 'hello' }\n",
  'plain.js': `import { suite } from 'runwright'

export default suite('plain', ({ test }) => {
  test('a program ends', async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('true', ['true']))).toHaveExited(0)
  })
})
`,
}

/** Tests with mistakes that a careless runner would pass over. */
const careless = `import { suite } from 'runwright'

export const careless = suite('careless', ({ test }) => {
  test('polls', async ({ expect }) => {
    let count = 0
    await expect.poll(() => count++).toBe(3)
  })
  test('is soft', async ({ expect }) => {
    expect.soft(1).toBe(2)
  })
  test('does not wait', async ({ expect }) => {
    expect(Promise.resolve(1)).resolves.toBe(2)
  })
  test('throws elsewhere', async () => {
    setTimeout(() => {
      throw new Error('nobody catches this')
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
  })
  test('ends its process', async () => {
    process.kill(process.pid, 'SIGKILL')
  })
})
`

let place: string

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'runwright-own-'))
  mkdirSync(join(place, 'tmp'))
  mkdirSync(join(place, 'node_modules'))
  symlinkSync(packageDirectory(), join(place, 'node_modules', 'runwright'))
  for (const [name, [text]] of Object.entries(unwanted)) writeFileSync(join(place, name), text)
  for (const [name, text] of Object.entries(modules)) writeFileSync(join(place, name), text)
  writeFileSync(join(place, 'careless.ts'), careless)
})

afterAll(() => rmSync(place, { recursive: true }))

/** Runs the command in the directory of the modules. */
async function runwright(...args: readonly string[]) {
  const ended = await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    cwd: place,
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { NO_COLOR: '1', TMPDIR: join(place, 'tmp') },
  })
  expect(readdirSync(join(place, 'tmp'))).toEqual([])
  return ended
}

function resultsIn(output: string): Results {
  return JSON.parse(readFileSync(join(place, output, 'results.json'), 'utf8'))
}

describe('list --suites', () => {
  test('shows the tests of modules, also beside the shipped ones and by name', async () => {
    const own = await runwright('list', '--suites', 'own.ts', '--suites', './plain.js', '--json')
    const tests: readonly { readonly id: string; readonly module?: string }[] = JSON.parse(own.stdout)
    expect(tests.map(({ id, module }) => `${id} of ${module}`)).toEqual([
      'greeting/a-container-greets of own.ts',
      'greeting/a-container-has-its-host-name of own.ts',
      'plain/a-program-ends of ./plain.js',
    ])
    const chosen = await runwright('list', '--suites', 'own.ts', 'annotations', 'greeting/a-container-greets')
    expect(chosen.stdout).toMatch(/^annotations \(\d+ tests\)$(?:.|\n)*^greeting \(1 test\)$/m)
    const all = await runwright('list', '--suites', 'runwright/suites', '--suites', 'own.ts')
    expect(all.stdout).toMatch(/^lifecycle \(\d+ tests\)$(?:.|\n)*^greeting \(2 tests\)$/m)
    const requirements = await runwright(
      'list',
      '--suites',
      'own.ts',
      '--requirements',
      'hostname-optional',
      '--json',
    )
    expect(JSON.parse(requirements.stdout)[0].tests).toContain('greeting/a-container-has-its-host-name')
  })

  test.each(Object.entries(unwanted))('says what is wrong with %s', async (name, [, ...words]) => {
    const { exitCode, stdout, stderr } = await runwright('list', '--suites', name)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    for (const said of words) expect(stderr).toContain(said)
    expect(stderr).not.toContain('node_modules')
  })

  test.each([
    ['no-such.ts', 'there is no module no-such.ts'],
    ['.', '. is a directory'],
  ])('says that %s is no module', async (name, words) => {
    const { exitCode, stderr } = await runwright('list', '--suites', name)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(words)
  })
})

describe('run --suites', { timeout: 120_000 }, () => {
  beforeEach((context) => {
    context.skip(process.getuid?.() !== 0, 'needs root: it runs containers')
    writeFileSync(
      join(place, 'silent'),
      '#!/bin/sh\ncase " $* " in *" run "*) runc "$@" > /dev/null; exit;; esac\nexec runc "$@"\n',
      { mode: 0o755 },
    )
  })

  test('runs the tests of the module and no others', async () => {
    const { exitCode, all } = await runwright('run', '--suites', 'own.ts', '--output', 'green')
    expect(exitCode, all).toBe(0)
    expect(all).toContain('green: 2 pass')
    const { tests, requirements } = resultsIn('green')
    expect(tests.map(({ id, module }) => `${id} of ${module}`)).toEqual([
      'greeting/a-container-greets of own.ts',
      'greeting/a-container-has-its-host-name of own.ts',
    ])
    expect(requirements.find(({ id }) => id === 'hostname-optional')?.verdict).toBe('met')
  })

  test('tells a failure with how to see it again, which can be followed', async () => {
    const red = await runwright('run', '--suites', 'own.ts', '--runtime', './silent', '--output', 'red')
    expect(red.exitCode, red.all).toBe(1)
    const again = 'run greeting/a-container-greets --suites own.ts --runtime ./silent --keep'
    expect(red.all).toContain(`runwright ${again}`)
    const repeated = await runwright(...again.replace(' --keep', '').split(' '), '--output', 'again')
    expect(repeated.exitCode, repeated.all).toBe(1)
    expect(resultsIn('again').totals).toMatchObject({ fail: 1, pass: 0 })
    const [failed] = resultsIn('red').tests
    expect(red.all).toContain(`again without Runwright: red/${failed?.artifacts}/repro.sh`)
    expect((await runwright('report', 'red')).all).toContain(`red/${failed?.artifacts}/repro.sh`)
    const repro = await execa('sh', [join(place, 'red', failed?.artifacts ?? '', 'repro.sh')], {
      reject: false,
    })
    expect(repro.exitCode, repro.stdout).toBe(1)
  })

  test('passes over no expectation and no error', async () => {
    const names = ['polls', 'is-soft', 'does-not-wait', 'throws-elsewhere'].map((name) => `careless/${name}`)
    const { exitCode, all } = await runwright(
      'run',
      ...names,
      ...['--suites', 'careless.ts', '--output', 'careless'],
    )
    expect(exitCode, all).toBe(1)
    const { tests, errors } = resultsIn('careless')
    expect(tests.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'careless/does-not-wait fail',
      'careless/is-soft fail',
      'careless/polls pass',
      'careless/throws-elsewhere pass',
    ])
    expect(errors).toEqual([expect.stringContaining('nobody catches this')])
  })

  test('ends with its worker, and says so', async () => {
    const { exitCode, all } = await runwright(
      'run',
      'careless/ends-its-process',
      ...['--suites', 'careless.ts', '--output', 'ended'],
    )
    expect(exitCode, all).toBe(1)
    const { tests, errors } = resultsIn('ended')
    expect([tests, errors]).toEqual([[], ['the test runner ended before its tests had: SIGKILL']])
  })

  test('runs parts of them, and knows what is recorded of them', async () => {
    const options = ['--suites', 'own.ts', '--runtime', './silent'] as const
    for (const part of ['1', '2']) {
      const { exitCode, all } = await runwright('run', ...options, '--shard', `${part}/2`, '--output', part)
      expect(exitCode, all).toBe(1)
    }
    await runwright('merge', '1', '2', '--output', 'merged')
    expect(resultsIn('merged').totals).toMatchObject({ fail: 2, pass: 0 })
    await runwright('run', ...options, '--update-deviations', 'deviations.json')
    const known = await runwright('run', ...options, '--deviations', 'deviations.json')
    expect(known.exitCode, known.all).toBe(0)
    expect(known.all).toContain('green: 2 deviation')
    await runwright('run', '--suites', 'own.ts', '--output', 'before')
    const compared = await runwright('compare', 'before', 'merged')
    expect(compared.exitCode, compared.all).toBe(1)
    expect(compared.all).toContain('greeting/a-container-greets')
  })
})
