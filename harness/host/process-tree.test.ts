import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { descendantsOf } from './process-tree.ts'

test('finds children and grandchildren, and nobody else', async () => {
  const tree = spawn('/bin/sh', ['-c', 'sleep 60 & (sleep 60; :) & echo ready; wait'], { detached: true })
  const bystander = spawn('sleep', ['60'])
  try {
    await once(tree.stdout, 'data')
    const found = descendantsOf(tree.pid ?? 0).map(({ pid }) => pid)
    expect(found.length).toBeGreaterThanOrEqual(2)
    expect(found).not.toContain(bystander.pid)
    expect(found).not.toContain(tree.pid)
    expect(descendantsOf(process.pid).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining([tree.pid, ...found]),
    )
  } finally {
    bystander.kill('SIGKILL')
    if (tree.pid !== undefined) process.kill(-tree.pid, 'SIGKILL')
  }
})

test('a process without children has no descendants', () => {
  expect(descendantsOf(2 ** 22)).toEqual([])
})
