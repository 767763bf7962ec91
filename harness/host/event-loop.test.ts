import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { programPath } from './index.ts'

const host = JSON.stringify(pathToFileURL(programPath('harness/host/index.js')).href)

const start = `
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isMainThread, Worker } from 'node:worker_threads'
import { becomeSubreaper, identifyProcess, until, waitForExit } from ${host}
becomeSubreaper()
async function startOrphan(script) {
  const starter = spawn('sh', ['-c', 'sh -c "$1" < /dev/null > /dev/null 2>&1 & echo $!', 'sh', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [pid] = await once(starter.stdout, 'data')
  await once(starter, 'exit')
  return identifyProcess(Number(pid))
}
`

/** Runs a module in a Node of its own, and gives what it printed once it has ended by itself. */
async function runModule(body: string): Promise<string> {
  const node = spawn(process.execPath, ['--input-type=module', '--eval', start + body], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let printed = ''
  node.stdout.on('data', (data) => {
    printed += data
  })
  const [code, signal] = await once(node, 'close')
  expect({ code, signal }).toEqual({ code: 0, signal: null })
  return printed
}

describe('the event loop', () => {
  test('is kept alive by a wait', async () => {
    const body =
      "await startOrphan('sleep 0.3; exit 5').then(waitForExit).then(({ code }) => console.log(code))"
    expect(await runModule(body)).toBe('5\n')
  })

  test('is not kept alive by a wait in the background, nor by being a subreaper', async () => {
    const body = `
      const orphan = await startOrphan('exec sleep 60')
      waitForExit(orphan, { background: true })
      process.on('exit', () => { process.kill(orphan.pid); console.log('ended') })`
    expect(await runModule(body)).toBe('ended\n')
  })

  test('of a worker thread waits as well, and leaves the main thread its own children', async () => {
    const body = `
      const { isMainThread: _, ...rest } = await import('node:worker_threads')
      const worker = new Worker(${JSON.stringify(start)} + \`
        const exit = await waitForExit(await startOrphan('sleep 0.2; exit 6'))
        const own = spawn('sh', ['-c', 'sleep 0.1; exit 7'])
        const ended = once(own, 'exit')
        const status = await waitForExit(identifyProcess(own.pid))
        console.log(exit.code, status, (await ended)[0])
      \`, { eval: true, type: 'module' })
      const child = spawn('sh', ['-c', 'sleep 0.3; exit 8'])
      const [code] = await once(child, 'exit')
      await once(worker, 'exit')
      console.log(code)`
    expect(await runModule(body)).toBe('6 undefined 7\n8\n')
  })

  test('of a worker thread can be ended while it waits', async () => {
    const body = `
      const worker = new Worker(${JSON.stringify(start)} + \`
        const orphan = await startOrphan('exec sleep 60')
        waitForExit(orphan)
        ;(await import('node:worker_threads')).parentPort.postMessage(orphan.pid)
      \`, { eval: true })
      const [pid] = await once(worker, 'message')
      console.log(await worker.terminate())
      process.kill(pid)`
    expect(await runModule(body)).toBe('1\n')
  })
})
