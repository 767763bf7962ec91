import { setMaxListeners } from 'node:events'
import {
  type AttributedLeak,
  compareSnapshots,
  LeakSentinel,
  Session,
  type Snapshot,
  takeSnapshot,
} from '../guard/index.ts'
import { DeadlineError } from '../host/index.ts'
import { type ResolvedRuntime, RuntimeError } from '../runtime/index.ts'
import { type Action, actions } from './actions.ts'
import { Chance } from './chance.ts'
import type { Life, SoakBundles, Stage } from './life.ts'
import { killRuntime } from './runtime-killer.ts'
import { Surprise } from './surprise.ts'
import { type ActionCount, Tally } from './tally.ts'

export type { ActionCount } from './tally.ts'

export interface SoakOptions {
  readonly runtime: ResolvedRuntime
  readonly durationMs: number
  /** How many containers may exist at once. */
  readonly alive: number
  /** How many things happen at once. */
  readonly jobs: number
  /** Repeats the same choices; what happens at the same time still differs. */
  readonly seed: number
  /** How likely it is that the runtime is killed while it does something, from 0 to 1. */
  readonly killing: number
  /** Ends the soak early. */
  readonly stopped: AbortSignal
  /** Told now and then how far it is. */
  readonly progress: (progress: SoakProgress) => void
}

export interface SoakProgress {
  readonly elapsedMs: number
  readonly alive: number
  readonly done: number
  readonly surprises: number
}

/** What came of a soak. */
export interface SoakEnd {
  readonly counts: readonly ActionCount[]
  /** How many containers there were, one after the other. */
  readonly containers: number
  /** How many of them existed at once, at most. */
  readonly peak: number
  readonly durationMs: number
  /** What came out otherwise than it should have, though nobody had killed the runtime. */
  readonly surprises: readonly string[]
  /** What runtimes that had been killed left behind, and the harness has removed. */
  readonly cleaned: readonly AttributedLeak[]
  /** What runtimes that were left alone left behind, and what is on the host still. */
  readonly leaks: readonly AttributedLeak[]
}

const progressIntervalMs = 1_000
/** A command that takes no longer than this on an idle machine is hit at any moment of its life. */
const longestHitMs = 60

const waiting = ['sh', '-c', "trap 'exit 3' TERM; echo ready; while :; do sleep 1000 & wait $!; done"]
const brief = ['sh', '-c', 'echo done; exit 42']

/**
 * Has containers come and go at random until the time is up, then removes all of them and looks what is left.
 *
 * @throws what `Session.open` throws
 */
export async function soak(options: SoakOptions): Promise<SoakEnd> {
  const session = await Session.open()
  try {
    return await new Soak(session, options).run()
  } finally {
    await session.close()
  }
}

class Soak {
  readonly #session: Session
  readonly #options: SoakOptions
  readonly #chance: Chance
  readonly #sentinel: LeakSentinel
  readonly #actions: readonly Action[]
  readonly #tally = new Tally()
  readonly #lives = new Set<Life>()
  readonly #surprises: string[] = []
  readonly #leaks: AttributedLeak[] = []
  readonly #cleaned: AttributedLeak[] = []
  readonly #startedAt = performance.now()
  /** The containers during a command about which the runtime was killed. */
  readonly #hit = new Set<string>()
  #born = 0
  #coming = 0
  #peak = 0

  constructor(session: Session, options: SoakOptions) {
    this.#session = session
    this.#options = options
    this.#chance = new Chance(options.seed)
    this.#sentinel = new LeakSentinel(session, { isAlone: true })
    this.#actions = actions.filter(
      ({ needs }) => needs === undefined || !options.runtime.lacks.includes(needs),
    )
    setMaxListeners(0, options.stopped)
  }

  async run(): Promise<SoakEnd> {
    const before = takeSnapshot(this.#session.scope())
    const bundles = await this.#bundles()
    const timer = setInterval(() => this.#tell(), progressIntervalMs)
    try {
      await Promise.all(Array.from({ length: this.#options.jobs }, () => this.#lane(bundles)))
      await Promise.all([...this.#lives].map((life) => this.#bury(life)))
    } finally {
      clearInterval(timer)
    }
    for (const leak of await this.#sentinel.finish()) this.#note(leak)
    await this.#session.close()
    return this.#end([...(await this.#sentinel.finish()), ...this.#stillThere(before)])
  }

  /** What a runtime leaves that was killed is no fault of its own. */
  #note(leak: AttributedLeak): void {
    const isExcused = leak.test !== undefined && this.#hit.has(leak.test)
    ;(isExcused ? this.#cleaned : this.#leaks).push(leak)
  }

  #end(leaks: readonly AttributedLeak[]): SoakEnd {
    return {
      counts: this.#tally.counts(this.#actions.map(({ name }) => name)),
      containers: this.#born,
      peak: this.#peak,
      durationMs: this.#elapsedMs,
      surprises: this.#surprises,
      cleaned: this.#cleaned,
      leaks: [...this.#leaks, ...leaks],
    }
  }

  #stillThere(before: Snapshot): AttributedLeak[] {
    const scope = { ...this.#session.scope({ runtimes: [] }), directories: [] }
    return compareSnapshots(before, takeSnapshot(scope))
  }

  async #bundles(): Promise<SoakBundles> {
    const registry = await this.#session.bundles(this.#options.runtime)
    return {
      waiting: await registry.createBusyboxBundle('waiting', waiting),
      brief: await registry.createBusyboxBundle('brief', brief),
    }
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt
  }

  #tell(): void {
    const alive = [...this.#lives].filter(({ stage }) => stage !== 'unborn').length
    this.#options.progress({
      elapsedMs: this.#elapsedMs,
      alive,
      done: this.#tally.total,
      surprises: this.#surprises.length,
    })
  }

  /** One thing after the other, each to whatever container is at leisure. */
  async #lane(bundles: SoakBundles): Promise<void> {
    while (this.#elapsedMs < this.#options.durationMs && !this.#options.stopped.aborted) {
      const life = await this.#pick(bundles)
      life.isBusy = true
      if (life.stage === 'unsure') await this.#bury(life)
      else await this.#live(life)
      life.isBusy = false
    }
  }

  /** As long as there is room a new container is as likely as all others together. */
  async #pick(bundles: SoakBundles): Promise<Life> {
    const idle = [...this.#lives].filter(({ isBusy }) => !isBusy)
    const hasRoom = this.#lives.size + this.#coming < this.#options.alive
    const chosen = hasRoom && this.#chance.happens(0.5) ? undefined : idle[this.#chance.below(idle.length)]
    return chosen ?? (await this.#bear(bundles))
  }

  async #bear(bundles: SoakBundles): Promise<Life> {
    this.#born += 1
    this.#coming += 1
    const id = this.#session.nextPrefix()
    const runtime = await this.#session.runtime(this.#options.runtime, { idPrefix: id })
    this.#coming -= 1
    const watch = this.#sentinel.begin(id, id)
    const life: Life = {
      id,
      runtime,
      watch,
      bundles,
      chance: this.#chance,
      stage: 'unborn',
      container: undefined,
      isBusy: true,
    }
    this.#lives.add(life)
    this.#peak = Math.max(this.#peak, this.#lives.size)
    return life
  }

  async #live(life: Life): Promise<void> {
    const possible = this.#actions.filter(({ from }) => from.includes(life.stage))
    const action = this.#chance.choose(possible, ({ weight }) => weight)
    if (action === undefined) return
    life.stage = await this.#perform(action, life)
    if (life.stage === 'gone') await this.#bury(life)
  }

  async #perform(action: Action, life: Life): Promise<Stage> {
    const startedAt = performance.now()
    const ended = new AbortController()
    const hit = this.#chance.happens(this.#options.killing)
      ? killRuntime(life.id, this.#chance.below(longestHitMs), ended.signal)
      : Promise.resolve(false)
    const outcome = await action.perform(life).then(
      (stage) => ({ stage, error: undefined }),
      (error: unknown) => ({ stage: 'unsure' as const, error }),
    )
    ended.abort()
    if (await hit) this.#hit.add(life.id)
    const isHit = this.#hit.has(life.id)
    const end = isHit ? 'killed' : outcome.error === undefined ? 'done' : 'surprising'
    if (end === 'surprising') this.#wonder(action, outcome.error)
    this.#tally.add(action.name, end, performance.now() - startedAt)
    return isHit ? 'unsure' : outcome.stage
  }

  /** @throws what is not an answer of the runtime or a container: a mistake of the harness */
  #wonder(action: Action, error: unknown): void {
    const isAnswer =
      error instanceof RuntimeError || error instanceof Surprise || error instanceof DeadlineError
    if (!isAnswer) throw error
    this.#surprises.push(`${action.name}: ${error.message}`)
  }

  /** Removes what is left of a container, and looks whether anything still is. */
  async #bury(life: Life): Promise<void> {
    this.#lives.delete(life)
    life.container?.init.console?.close()
    try {
      await this.#session.removeContainers(life.runtime)
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error
      if (!this.#hit.has(life.id)) this.#surprises.push(`remove: ${error.message}`)
    }
    const left = await life.watch.end([life.runtime])
    for (const leak of left) this.#note(leak)
    if (left.length === 0) await this.#session.closeRuntime(life.runtime)
  }
}
