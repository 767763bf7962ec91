// A process that serves a fault whose server then falls silent: it tells the faulty runtime's path and stops hearing.
// Run by the tests from the compiled harness.
import { join } from 'node:path'

const [, , dist] = process.argv
const { all, FaultServer } = await import(join(dist, 'harness/fault/index.js'))
const { Session } = await import(join(dist, 'harness/guard/index.js'))

const session = await Session.open()
const directory = join(await session.temporaryDirectory('faults'), 'served')
const server = await FaultServer.start({ directory, real: '/bin/true' })
const fault = { id: 'none', area: 'none', violates: [], sentence: 'Nothing is wrong.', effect: all() }
const told = { path: server.add(fault), directory, environment: session.environment }
process.stdout.write(`${JSON.stringify(told)}\n`)
// Alive, and deaf from now on: whoever asks waits.
process.kill(process.pid, 'SIGSTOP')
