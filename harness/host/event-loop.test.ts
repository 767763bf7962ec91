import { describe, expect, test } from 'vitest'
import { runModule, start } from './modules.fixture.ts'

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
      process.on('exit', () => {
        process.kill(orphan.pid)
        while (identifyProcess(orphan.pid) !== undefined);
        console.log('ended')
      })`
    expect(await runModule(body)).toBe('ended\n')
  })

  test('of a worker thread waits as well, and leaves the main thread its own children', async () => {
    const body = `
      const worker = new Worker(${JSON.stringify(start)} + \`
        const exit = await waitForExit(await startOrphan('sleep 0.2; exit 6'))
        const own = spawn('sh', ['-c', 'sleep 0.1; exit 7'])
        const ended = once(own, 'exit')
        const status = await waitForExit(identifyProcess(own.pid))
        console.log(exit.code, status, (await ended)[0])
      \`, { eval: true })
      const child = spawn('sh', ['-c', 'sleep 0.3; exit 8'])
      const [code] = await once(child, 'exit')
      await once(worker, 'exit')
      console.log(code)`
    expect(await runModule(body)).toBe('6 undefined 7\n8\n')
  })

  test('of a worker thread is left its own children, also while it stands still', async () => {
    const body = `
      const gate = new Int32Array(new SharedArrayBuffer(4))
      const worker = new Worker(\`
        import { spawn } from 'node:child_process'
        import { parentPort, workerData } from 'node:worker_threads'
        const child = spawn('sh', ['-c', 'exit 9'])
        child.on('exit', (code) => parentPort.postMessage(code))
        parentPort.postMessage(child.pid)
        Atomics.wait(workerData, 0, 0)
      \`, { eval: true, workerData: gate })
      const [pid] = await once(worker, 'message')
      const status = await waitForExit(identifyProcess(pid, { ended: true }))
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
      const [code] = await once(worker, 'message')
      console.log(status, code)`
    expect(await runModule(body)).toBe('undefined 9\n')
  })

  test('of a worker thread can be ended while what it waits for happens', async () => {
    const body = `
      const worker = new Worker(${JSON.stringify(start)} + \`
        const orphan = await startOrphan('exec sleep 60')
        waitForExit(orphan)
        const { parentPort } = await import('node:worker_threads')
        setImmediate(() => {
          parentPort.postMessage(orphan.pid)
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
        })
      \`, { eval: true })
      const [pid] = await once(worker, 'message')
      process.kill(pid)
      await until(() => identifyProcess(pid) === undefined, { timeoutMs: 5000, what: 'the orphan to end' })
      console.log(await worker.terminate())`
    expect(await runModule(body)).toBe('1\n')
  })
})
