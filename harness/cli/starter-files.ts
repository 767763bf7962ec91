import { shippedModule } from '../run/index.ts'
import { profileNamed } from '../runtime/index.ts'
import { packageVersion } from './package-version.ts'

/** How the tests of a repository reach its runtime. */
export interface Starter {
  /** A profile's name, a program on PATH, or a path, as seen from the repository. */
  readonly runtime: string
  /** Whose workflow runs them, if anybody's. */
  readonly workflow: Workflow
}

/** The services that a workflow can be written for. */
export const workflows = ['github', 'none'] as const
export type Workflow = (typeof workflows)[number]

/** Where the disagreements that are known stand. */
export const deviationsFile = 'conformance/deviations.json'
/** The suite of one's own. */
export const ownSuite = 'conformance/own.ts'
/** The tests, as a pattern. */
export const testFiles = 'conformance/**/*.test.ts'

/** What `runwright init` writes: the text of each file by its path in the repository. */
export function starterFiles({ runtime, workflow }: Starter): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', packageManifest()],
    ['vitest.config.ts', vitestConfiguration(runtime)],
    [ownSuite, ownTests],
    ['conformance/suites.test.ts', registeredSuites],
    [deviationsFile, '[]\n'],
    ...(workflow === 'github'
      ? ([['.github/workflows/conformance.yml', githubWorkflow(runtime)]] as const)
      : []),
  ])
}

function packageManifest(): string {
  const manifest = {
    private: true,
    type: 'module',
    scripts: { test: 'vitest run' },
    // This vitest runs on every Node that Runwright runs on.
    devDependencies: { runwright: `^${packageVersion()}`, vitest: '^4.1.0' },
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

function vitestConfiguration(runtime: string): string {
  return `import { defineConfig } from 'vitest/config'

// The runtime under test: a profile (runc, crun, runsc, youki), a program on PATH, or a path.
const { RUNWRIGHT_RUNTIME = '${runtime}' } = process.env

export default defineConfig({
  test: {
    include: ['${testFiles}'],
    env: { RUNWRIGHT_RUNTIME },
    // vitest's usual reporter leaves out why a test was skipped.
    reporters: ['verbose'],
    // Tests of the suites wait for the runtime most of the time: several are under way at once.
    maxConcurrency: 4,
    testTimeout: 60_000,
  },
})
`
}

const ownTests = `import { suite } from 'runwright'

// Tests of your own: \`npx runwright run --suites ${ownSuite}\` runs them, with reports and a repro.sh for each red one.
export const own = suite('own', ({ test }) => {
  test('a container prints what its program prints', async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('greeting', ['echo', 'hello'])
    expect(await runtime.run(bundle)).toHavePrinted('hello\\n')
  })

  test('a file system of its own is where the configuration says', async ({ bundles, runtime, expect }) => {
    const look = ['grep', '-c', ' /scratch tmpfs ', '/proc/mounts']
    const bundle = await bundles.busybox('scratch', look, (spec) => {
      spec.mounts?.push({ destination: '/scratch', type: 'tmpfs', source: 'tmpfs' })
    })
    expect(await runtime.run(bundle)).toHavePrinted('1\\n')
  })
})
`

const registeredSuites = `import { defineSuites } from 'runwright/suites'
import { test } from 'vitest'
import { own } from './own.ts'

const deviations = '${deviationsFile}'

defineSuites(test, { suites: [own], deviations })

// A few shipped areas for every day; \`npx runwright list\` names them all, and \`npx runwright run\` runs them.
defineSuites(test, { areas: ['lifecycle', 'state', 'kill'], deviations })
`

function githubWorkflow(runtime: string): string {
  const isKnown = profileNamed(runtime) !== undefined
  const provision = isKnown
    ? ''
    : `
      # Build or install the runtime here: ${runtime} has to be there from now on.`
  return `name: conformance

on: [push, pull_request]

permissions:
  contents: read

jobs:
  conformance:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with:
          node-version: 24${provision}
      - run: npm install
      - run: sudo -E env "PATH=$PATH" npx runwright setup${isKnown ? ` ${runtime}` : ''}
      - run: sudo -E env "PATH=$PATH" npx vitest run
      - run: >
          sudo -E env "PATH=$PATH" npx runwright run --runtime ${runtime}
          --suites ${shippedModule} --suites ${ownSuite}
          --deviations ${deviationsFile} --output results --reports junit,markdown,html
      - if: always()
        run: cat results/summary.md >> "$GITHUB_STEP_SUMMARY"
      - if: always()
        uses: actions/upload-artifact@v5
        with:
          name: conformance
          path: results
`
}
