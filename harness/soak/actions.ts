import { until } from '../host/index.ts'
import type { RunResult, RuntimeFeature } from '../runtime/index.ts'
import { containerOf, type Life, type Stage } from './life.ts'
import { Surprise } from './surprise.ts'

/** Something that happens to a container. */
export interface Action {
  readonly name: string
  /** In which stages it can happen. */
  readonly from: readonly Stage[]
  /** How often it happens beside the others. */
  readonly weight: number
  /** What the runtime must offer for it. */
  readonly needs?: RuntimeFeature
  /** Does it, and checks what came of it. @returns the container's next stage @throws Surprise; RuntimeError */
  readonly perform: (life: Life) => Promise<Stage>
}

/** How long what a command has brought about may take to show, in milliseconds. */
const patienceMs = 20_000

/** All that can happen. What ends a life has as much weight as what prolongs it, so that containers come and go. */
export const actions: readonly Action[] = [
  { name: 'create', from: ['unborn'], weight: 6, perform: create },
  { name: 'run', from: ['unborn'], weight: 2, perform: run },
  { name: 'run --detach', from: ['unborn'], weight: 2, perform: runDetached },
  { name: 'start', from: ['created'], weight: 8, perform: start },
  { name: 'state', from: ['created', 'running', 'paused', 'stopped'], weight: 2, perform: state },
  { name: 'ps', from: ['running'], weight: 1, needs: 'ps', perform: ps },
  { name: 'exec', from: ['running'], weight: 4, needs: 'exec', perform: exec },
  { name: 'exec --detach', from: ['running'], weight: 1, needs: 'exec', perform: execDetached },
  { name: 'pause', from: ['running'], weight: 2, needs: 'pause', perform: pause },
  { name: 'resume', from: ['paused'], weight: 4, needs: 'pause', perform: resume },
  { name: 'update', from: ['running'], weight: 1, needs: 'update', perform: update },
  { name: 'kill TERM', from: ['running'], weight: 2, perform: killTerm },
  { name: 'kill KILL', from: ['created', 'running'], weight: 1, perform: killKill },
  { name: 'die by itself', from: ['created', 'running'], weight: 1, perform: die },
  { name: 'delete', from: ['stopped'], weight: 6, perform: remove },
  { name: 'delete --force', from: ['created', 'running', 'paused'], weight: 1, perform: removeByForce },
]

async function create(life: Life): Promise<Stage> {
  life.container = await life.runtime.create(life.bundles.waiting, { id: life.id })
  await expectStatus(life, 'created')
  return 'created'
}

async function run(life: Life): Promise<Stage> {
  expectEnd(life, await life.runtime.run(life.bundles.brief, { id: life.id }), 42, 'done\n')
  return 'gone'
}

async function runDetached(life: Life): Promise<Stage> {
  life.container = await life.runtime.runDetached(life.bundles.waiting, { id: life.id })
  await untilReady(life)
  return 'running'
}

async function start(life: Life): Promise<Stage> {
  await containerOf(life).start()
  await untilReady(life)
  await expectStatus(life, 'running')
  return 'running'
}

async function state(life: Life): Promise<Stage> {
  await expectStatus(life, life.stage)
  return life.stage
}

async function ps(life: Life): Promise<Stage> {
  const { init } = containerOf(life)
  const pids = await containerOf(life).ps()
  if (init.pid === undefined || !pids.includes(init.pid))
    throw new Surprise(life, `ps does not name its init ${init.pid}: ${pids.join(' ')}`)
  return life.stage
}

async function exec(life: Life): Promise<Stage> {
  const code = life.chance.below(256)
  const result = await containerOf(life).exec(['sh', '-c', `echo here; exit ${code}`])
  expectEnd(life, result, code, 'here\n')
  return life.stage
}

async function execDetached(life: Life): Promise<Stage> {
  const process = await containerOf(life).spawn(['sleep', '1000'])
  if (!process.isAlive()) throw new Surprise(life, 'a process that was executed to sleep has ended')
  return life.stage
}

async function pause(life: Life): Promise<Stage> {
  await containerOf(life).pause()
  await expectStatus(life, 'paused')
  return 'paused'
}

async function resume(life: Life): Promise<Stage> {
  await containerOf(life).resume()
  await expectStatus(life, 'running')
  return 'running'
}

async function update(life: Life): Promise<Stage> {
  await containerOf(life).update({ cpu: { shares: 2 + life.chance.below(1000) } })
  return life.stage
}

async function killTerm(life: Life): Promise<Stage> {
  await containerOf(life).kill('SIGTERM')
  expectEnd(life, await containerOf(life).wait({ timeoutMs: patienceMs }), 3, 'ready\n')
  return 'stopped'
}

async function killKill(life: Life): Promise<Stage> {
  await containerOf(life).kill('SIGKILL')
  expectEnd(life, await containerOf(life).wait({ timeoutMs: patienceMs }), 137)
  return 'stopped'
}

/** The runtime is not told: it has to find out. */
async function die(life: Life): Promise<Stage> {
  containerOf(life).init.signal('SIGKILL')
  expectEnd(life, await containerOf(life).wait({ timeoutMs: patienceMs }), 137)
  return 'stopped'
}

async function remove(life: Life): Promise<Stage> {
  await containerOf(life).delete()
  return 'gone'
}

async function removeByForce(life: Life): Promise<Stage> {
  await containerOf(life).delete({ force: true })
  return 'gone'
}

async function untilReady(life: Life): Promise<void> {
  const { init } = containerOf(life)
  await until(async () => (await init.stdout()) === 'ready\n', {
    timeoutMs: patienceMs,
    what: `container ${life.id} to print 'ready'`,
  })
}

async function expectStatus(life: Life, status: string): Promise<void> {
  const actual = await containerOf(life).status()
  if (actual !== status) throw new Surprise(life, `it should be ${status}, the runtime says ${actual}`)
}

function expectEnd(life: Life, { exitCode, stdout }: RunResult, code: number, printed = stdout): void {
  if (exitCode !== code) throw new Surprise(life, `it should have ended with ${code}, not ${exitCode}`)
  if (stdout !== printed)
    throw new Surprise(
      life,
      `it should have printed ${JSON.stringify(printed)}, not ${JSON.stringify(stdout)}`,
    )
}
