// Starts workers as vitest's pool of forks does, and prints what session each of them takes part in.
//
//     node current.fixture.mjs NUMBER
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { currentSession } from '../../dist/modules/harness/guard/index.js'

const [number] = process.argv.slice(2)
if (process.send === undefined) {
  for (let id = 1; id <= Number(number); id += 1) {
    const worker = fork(fileURLToPath(import.meta.url), [], {
      env: { ...process.env, VITEST_POOL_ID: String(id) },
    })
    worker.on('message', (message) => process.stdout.write(`${message}\n`))
  }
} else {
  const session = await currentSession()
  process.send(`${session.directory} ${session.isOwn} ${session.nextPrefix()}`)
}
setInterval(() => undefined, 1_000_000)
