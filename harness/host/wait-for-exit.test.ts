import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { becomeSubreaper, identifyProcess, waitForExit } from './index.ts'

test('try', async () => {
  becomeSubreaper()
  const child = spawn('sh', ['-c', 'sh -c "sleep 0.3; exit 42" & echo $!'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [data] = await once(child.stdout, 'data')
  const identity = identifyProcess(Number(data))
  expect(identity).toBeDefined()
  if (identity) expect(await waitForExit(identity)).toEqual({ kind: 'exited', code: 42 })
})
