import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { programPath } from '../host/index.ts'
import type { Results } from '../report/index.ts'

let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'runwright-repro-'))
  await mkdir(join(scratch, 'tmp'))
})

beforeEach((context) => {
  context.skip(process.getuid?.() !== 0, 'needs root: it runs containers')
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

/** Runs one test on runc with a fault in front of it, and gives the output directory and what was reported. */
async function failingRun(name: string, id: string, fault: string) {
  const runtime = join(scratch, name)
  await writeFile(runtime, `#!/bin/sh\n${fault}\nexec runc "$@"\n`, { mode: 0o755 })
  const output = join(scratch, `${name}-output`)
  const args = ['run', id, '--runtime', runtime, '--output', output]
  const { stdout } = await execa(process.execPath, [programPath('harness/cli/main.js'), ...args], {
    reject: false,
    env: { NO_COLOR: '1', HOME: scratch },
  })
  const { tests }: Results = JSON.parse(await readFile(join(output, 'results.json'), 'utf8'))
  expect(
    tests.map(({ outcome }) => outcome),
    stdout,
  ).toEqual(['fail'])
  return { output, stdout, directory: join(output, tests[0]?.artifacts ?? 'none') }
}

/** How the script ends, with nothing of Node's or ours in its environment. */
async function repro(directory: string, runtime?: string) {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TMPDIR: join(scratch, 'tmp') }
  return await execa('sh', [join(directory, 'repro.sh')], {
    reject: false,
    all: true,
    extendEnv: false,
    env: runtime === undefined ? env : { ...env, RUNTIME: runtime },
  })
}

const kill = 'case " $* " in *" kill "*)'

describe('repro.sh shows the failure again, and its absence on a runtime without it', {
  timeout: 120_000,
}, () => {
  test.each([
    [
      'a command that should have succeeded',
      'kill/kill-ends-a-container-that-was-created-and-never-started',
      `${kill} echo refused >&2; exit 1;; esac`,
    ],
    [
      'a command that should have been refused',
      'kill/kill-with-sigterm-of-a-stopped-container-is-refused-and-changes-nothing',
      `${kill} runc "$@"; exit 0;; esac`,
    ],
    [
      'what a container should have printed',
      'process/a-program-that-ends-with-exit-code-1-is-seen-to-end-with-it',
      'case " $* " in *" run "*) runc "$@"; end=$?; echo extra; exit $end;; esac',
    ],
    [
      'the code a container should have ended with',
      'process/a-program-that-ends-with-exit-code-42-is-seen-to-end-with-it',
      'case " $* " in *" run "*) runc "$@"; exit 3;; esac',
    ],
    [
      'the status that should have been told',
      'state/a-container-whose-program-has-not-been-run-is-created',
      'case " $* " in *" state "*) runc "$@" | sed s/created/running/; exit 0;; esac',
    ],
  ])('%s', async (what, id, fault) => {
    const { directory, output, stdout } = await failingRun(what.replaceAll(' ', '-'), id, fault)
    const shown = await repro(directory)
    expect(shown.exitCode, shown.all).toBe(1)
    const good = await repro(directory, 'runc')
    expect(good.exitCode, good.all).toBe(0)
    expect(await readdir(join(scratch, 'tmp'))).toEqual([])
    expect(stdout).toContain(`${directory.slice(output.length + 1)}/repro.sh`)
  })
})

test('where a shell cannot look, repro.sh shows what happened and gives no verdict', {
  timeout: 120_000,
}, async () => {
  const { directory } = await failingRun(
    'undecidable',
    'kill/kill-with-10-delivers-usr1-and-no-other-signal',
    `${kill} exit 1;; esac`,
  )
  for (const runtime of [undefined, 'runc']) {
    const { exitCode, all } = await repro(directory, runtime)
    expect(exitCode, all).toBe(2)
    expect(all).toMatch(/^3\. .* kill .*\n {3}exit [01]; in the test: exit 1$/m)
    expect(all).toContain('cannot tell: what the test expected is more than a shell can look at')
  }
  const files = ['README.md', 'bundle-1/config.json', 'commands.txt', 'host.json', 'test.json']
  expect(files.filter((name) => !existsSync(join(directory, name)))).toEqual([])
})
