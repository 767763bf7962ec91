import { test } from 'vitest'
import { findProgram, runTool } from '../harness/host/index.ts'
import type { Container, Runtime } from '../harness/runtime/index.ts'
import { compare, report } from './figure.ts'
import { openPlace } from './place.ts'

const runc = findProgram('runc') ?? 'runc'
/** Commands in one shell loop: the shell's own start counts for nothing. */
const repetitions = 5

/** A shell that runs a script again and again: the cheapest way to have commands run one after the other. */
function loop(script: string, words: readonly string[]): Promise<string> {
  const body = `i=0; while [ $i -lt ${repetitions} ]; do i=$((i+1)); ${script}; done`
  return runTool(['/bin/sh', '-c', body, 'sh', ...words], { workingDirectory: '/' })
}

async function repeated(body: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < repetitions; count += 1) await body()
}

test('run', async (context) => {
  await using place = await openPlace()
  const bundle = await (await place.session.bundles('runc')).createBusyboxBundle('run', ['true'])
  const runtime = await place.session.runtime('runc')
  const words = [runc, `${runtime.root}-bare`, bundle.path]
  report(
    context,
    await compare({
      name: 'run, of the bare command',
      subject: { perform: () => repeated(() => runtime.run(bundle)) },
      floor: { perform: () => loop('"$1" --root "$2" run --bundle "$3" "bare$i"', words) },
      rounds: 20,
      target: 1.15,
    }),
  )
})

/** The same five commands as `cycle`, and a wait for the end of what was killed, without which delete is refused. */
const bareCycle = [
  '"$1" --root "$2" create --bundle "$3" --pid-file "$2.pid" "bare$i" </dev/null >/dev/null 2>&1',
  '"$1" --root "$2" start "bare$i"',
  '"$1" --root "$2" state "bare$i" >/dev/null',
  '"$1" --root "$2" exec "bare$i" /bin/true',
  '"$1" --root "$2" kill "bare$i" KILL',
  'while read -r _ _ state _ < "/proc/$(cat "$2.pid")/stat" 2>/dev/null && [ "$state" != Z ]; do :; done',
  '"$1" --root "$2" delete "bare$i"',
].join('\n')

async function cycle(runtime: Runtime, bundle: { readonly path: string }): Promise<void> {
  const container: Container = await runtime.create(bundle)
  await container.start()
  await container.state()
  await container.exec({ args: ['/bin/true'], cwd: '/' })
  await container.kill('SIGKILL')
  await container.wait()
  await container.delete()
}

test('a full cycle', async (context) => {
  await using place = await openPlace()
  const bundle = await (await place.session.bundles('runc')).createBusyboxBundle('cycle', ['sleep', '1000'])
  const runtime = await place.session.runtime('runc')
  const words = [runc, `${runtime.root}-bare`, bundle.path]
  report(
    context,
    await compare({
      name: 'create, start, state, exec, kill, delete, of bare commands',
      subject: { perform: () => repeated(() => cycle(runtime, bundle)) },
      floor: { perform: () => loop(bareCycle, words) },
      rounds: 12,
      target: 1.15,
    }),
  )
})
