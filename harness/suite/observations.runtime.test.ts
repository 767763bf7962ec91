import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Session } from '../guard/index.ts'
import { findProgram, probeNeed } from '../host/index.ts'
import { RuntimeError } from '../runtime/index.ts'
import { describeRuntime } from './describe-runtime.ts'
import type { SuiteEnvironment } from './environment.ts'
import { openEnvironment } from './open-environment.ts'

const commandTimeoutMs = 300

let environment: SuiteEnvironment

beforeEach(async (context) => {
  const root = await probeNeed('root')
  context.skip(!root.met, 'containers take root')
  const directory = mkdtempSync(join(tmpdir(), 'observations-'))
  const program = join(directory, 'runc')
  const script = `case " $* " in *" run "*) exec sleep 1000; esac\nexec '${findProgram('runc')}' "$@"`
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const session = await Session.open()
  environment = await openEnvironment({
    session,
    runtime: await describeRuntime(session, program),
    deviations: [],
    catalogue: new Map(),
    commandTimeoutMs,
  })
  return async () => {
    rmSync(directory, { recursive: true })
    expect(await session.close()).toEqual([])
  }
})

test('a container that is to report on itself has as long for it as any command, and less where others have hung', async () => {
  const codes: unknown[] = []
  for (const name of ['first', 'second', 'third', 'fourth']) {
    const bundle = await environment.bundles.createBusyboxBundle(name, ['true'])
    const error = await environment.observations.of(bundle).catch((cause: unknown) => cause)
    codes.push(error instanceof RuntimeError ? error.code : error)
  }
  expect(codes).toEqual(codes.map(() => 'RUNTIME_TIMED_OUT'))
  expect(environment.patience.limitOf('run')).toBeGreaterThan(0)
})
