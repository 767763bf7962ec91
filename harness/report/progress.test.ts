import { expect, test } from 'vitest'
import { noPaint } from './paint.ts'
import { liveProgress, plainProgress } from './progress.ts'
import { reportWith } from './report.fixture.ts'

function recorder(columns: number) {
  const written: string[] = []
  return { written, output: { columns, write: (text: string) => written.push(text) } }
}

test('without a terminal each test is a line with its position', () => {
  const { written, output } = recorder(80)
  const progress = plainProgress(output, 12, noPaint)
  progress.ended(reportWith())
  progress.ended(reportWith({ outcome: 'fail', id: 'kill/other' }))
  progress.finish()
  expect(written.join('')).toBe(
    ' 1/12  pass       runc  kill/kill-delivers  100 ms\n 2/12  fail       runc  kill/other  100 ms\n',
  )
})

test('on a terminal one line is drawn over, never wider than the window', async () => {
  const { written, output } = recorder(30)
  const progress = liveProgress(output, 12, noPaint)
  progress.started('kill/a-test-with-a-very-long-name')
  progress.ended(reportWith({ id: 'kill/other' }))
  await expect.poll(() => written.length).toBeGreaterThan(0)
  progress.finish()
  const line = written[0]?.replace('\r\u001b[2K', '') ?? ''
  expect(line).toMatch(/^1\/12 1 pass/)
  expect(line.length).toBeLessThan(30)
  expect(written.at(-1)).toBe('\r\u001b[2K')
})

test('of several runtimes each has its own counts', async () => {
  const { written, output } = recorder(200)
  const progress = liveProgress(output, 12, noPaint)
  for (const runtime of ['runc', 'crun', 'crun']) progress.ended(reportWith({ runtime }))
  await expect.poll(() => written.length).toBeGreaterThan(0)
  progress.finish()
  expect(written[0]).toContain('3/12 runc: 1 pass; crun: 2 pass')
})
