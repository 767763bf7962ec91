import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { abandonedDirectories } from './abandoned.ts'

test('only directories made for a moment by processes that are dead are abandoned', async () => {
  const child = spawn('true', { stdio: 'ignore' })
  await once(child, 'exit')
  const directory = mkdtempSync(join(tmpdir(), 'runwright-abandoned-'))
  try {
    const abandoned = `runwright-probe-${child.pid}-abc`
    const others = [
      `runwright-probe-${process.pid}-abc`,
      `runwright-probe-${child.pid}`,
      `runwright-notes-${child.pid}-abc`,
      `my-runwright-probe-${child.pid}-abc`,
    ]
    for (const name of [abandoned, ...others]) mkdirSync(join(directory, name))
    writeFileSync(join(directory, `runwright-probe-${child.pid}-file`), '')
    symlinkSync('/etc', join(directory, `runwright-probe-${child.pid}-link`))
    expect(abandonedDirectories(directory)).toEqual([join(directory, abandoned)])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
