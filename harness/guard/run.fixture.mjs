// A run of the harness, for tests that kill it: opens a session and fills it with everything that can be left behind.
//
//     node run.fixture.mjs SESSIONS BUNDLES BUNDLE RUNTIME
//
// Prints the session's directory once it is open, and `ready` once everything is there. It never ends by itself.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from '../../dist/harness/guard/index.js'

const [sessions, bundles, bundle, command] = process.argv.slice(2)
const session = await Session.open({ sessions, bundles })
process.stdout.write(`${session.directory}\n`)

const runtime = await session.runtime(command, { timeoutMs: 5000 })
const running = await runtime.create({ path: bundle })
await running.start()
await runtime.create({ path: bundle })
const paused = await runtime.runDetached({ path: bundle })
await runtime.pause(paused.id)
const chosen = await runtime.runDetached({ path: bundle }, { id: `chosen-by-user-${process.pid}` })
await runtime.pause(chosen.id)
const stopped = await runtime.runDetached({ path: bundle })
await stopped.kill('SIGKILL')

const directory = await session.temporaryDirectory('files')
writeFileSync(join(directory, 'file'), 'left behind')
const [outer, inner] = ['outer', 'outer/inner'].map((name) => join(directory, name))
for (const place of [outer, inner]) {
  mkdirSync(place)
  execFileSync('mount', ['-t', 'tmpfs', 'none', place])
}
mkdirSync(session.bundlesDirectory, { recursive: true })
process.stdout.write('ready\n')
setInterval(() => undefined, 1_000_000)
