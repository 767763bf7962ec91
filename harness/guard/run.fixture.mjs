// A run of the harness, for tests that kill it: opens a session and fills it with everything that can be left behind.
//
//     node run.fixture.mjs SESSIONS BUNDLES BUNDLE RUNTIME
//
// Prints the session's directory once it is open, a line for every step, and `ready` once everything is there. It
// never ends by itself.
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Session } from '../../dist/modules/harness/guard/index.js'
import { cgroupLayout, until } from '../../dist/modules/harness/host/index.js'

const [sessions, bundles, bundle, command] = process.argv.slice(2)
const print = (line) => process.stdout.write(`${line}\n`)

print('started')
const session = await Session.open({ sessions, bundles })
print(session.directory)

const runtime = await session.runtime(command, { timeoutMs: 5000 })
const running = await runtime.create({ path: bundle })
await running.start()
print('running')
await runtime.create({ path: bundle })
print('created')
const paused = await runtime.runDetached({ path: bundle })
await runtime.pause(paused.id)
print('paused')
const chosen = await runtime.runDetached({ path: bundle }, { id: `chosen-by-user-${process.pid}` })
await runtime.pause(chosen.id)
print('paused one with a name of the user')
const stopped = await runtime.runDetached({ path: bundle })
await stopped.kill('SIGKILL')
print('stopped')

const directory = await session.temporaryDirectory('files')
writeFileSync(join(directory, 'file'), 'left behind')
const [outer, inner] = ['outer', 'outer/inner'].map((name) => join(directory, name))
for (const place of [outer, inner]) {
  mkdirSync(place)
  execFileSync('mount', ['-t', 'tmpfs', 'none', place])
}
print('mounted')
mkdirSync('/run/netns', { recursive: true })
const namespace = join('/run/netns', session.nextPrefix())
writeFileSync(namespace, '')
execFileSync('unshare', [`--net=${namespace}`, 'true'])
print('made a network namespace')
// Two processes in a cgroup of the session that belong to no container and are frozen: one is known by its mark, the
// other, which drops it once it is in the cgroup, only by that.
const { controllers, unified } = cgroupLayout()
const cgroup = join(controllers.get('freezer') ?? unified, session.nextPrefix())
mkdirSync(cgroup)
const [sleepArgument] = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).process.args.slice(1)
const environment = { ...process.env, ...session.environment }
for (const program of ['sleep', 'env -u RUNWRIGHT_COMMAND_OF sleep']) {
  const script = `echo $$ > "$1/cgroup.procs" && exec ${program} "$2"`
  spawn('sh', ['-c', script, 'sh', cgroup, sleepArgument], {
    stdio: 'ignore',
    detached: true,
    env: environment,
  })
}
const sleeping = () => {
  const pids = readFileSync(join(cgroup, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
  return pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep'))
}
await until(() => sleeping().length === 2, { timeoutMs: 10_000, what: 'two processes to sleep in it' })
if (controllers.has('freezer')) writeFileSync(join(cgroup, 'freezer.state'), 'FROZEN')
else writeFileSync(join(cgroup, 'cgroup.freeze'), '1')
print('made a cgroup')
mkdirSync(session.bundlesDirectory, { recursive: true })
print('ready')
setInterval(() => undefined, 1_000_000)
