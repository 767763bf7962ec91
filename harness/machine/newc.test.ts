import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findProgram } from '../host/index.ts'
import { writeInitialArchive } from './newc.ts'

test('another program unpacks what is written: names, modes and contents of every length', (context) => {
  const busybox = findProgram('busybox')
  if (busybox === undefined) return context.skip('needs busybox, whose cpio unpacks')
  const directory = mkdtempSync(join(tmpdir(), 'runwright-newc-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const contents = [0, 1, 2, 3, 4, 5, 4096].map((length) => Buffer.alloc(length, 'x'))
  const archive = writeInitialArchive([
    { kind: 'directory', path: 'inner' },
    ...contents.map((content, position) => ({
      kind: 'file' as const,
      path: `inner/${'n'.repeat(position + 1)}`,
      mode: 0o700 + position,
      content,
    })),
  ])

  execFileSync(busybox, ['cpio', '-i'], { cwd: directory, input: archive, stdio: ['pipe', 'pipe', 'pipe'] })

  for (const [position, content] of contents.entries()) {
    const path = join(directory, 'inner', 'n'.repeat(position + 1))
    expect(readFileSync(path)).toEqual(content)
    expect(statSync(path).mode & 0o777).toBe(0o700 + position)
  }
  expect(existsSync(join(directory, 'TRAILER!!!'))).toBe(false)
})
