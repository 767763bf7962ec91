import { expect, test } from 'vitest'
import { becomeSubreaper, waitForExit } from './index.ts'
import { readProcessStat } from './process-stat.ts'
import { startOrphan } from './processes.fixture.ts'

test('orphans come to this process, however often it asks for them', async () => {
  becomeSubreaper()
  becomeSubreaper()
  const orphan = await startOrphan('sleep 0.05')
  expect(readProcessStat(orphan.pid)?.parent).toBe(process.pid)
  expect(await waitForExit(orphan)).toEqual({ kind: 'exited', code: 0 })
})
