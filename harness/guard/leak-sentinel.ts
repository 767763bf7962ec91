import { readFileSync } from 'node:fs'
import { atThisPace, DeadlineError, identifyProcess, until } from '../host/index.ts'
import type { AttributedLeak } from './leak.ts'
import { LeakWatch } from './leak-watch.ts'
import { childrenOfThisProcess, openDescriptors } from './own-process.ts'
import { describeProcess } from './processes.ts'
import type { Session } from './session.ts'
import { type SeenThing, Sightings } from './sightings.ts'
import { mountPointsIn } from './snapshot.ts'

/** How long what is on its way out may take, in milliseconds: a descriptor being closed, a process being killed. */
const settleMs = atThisPace(2_000)
/** How old a look may be that stands for one at the beginning of a test, in milliseconds. */
const recentMs = 3

/**
 * Watches over what tests leave behind, also of tests that run side by side. What bears a test's name is looked for
 * when the test has ended. Mounts, and the children and descriptors of this process, bear none: each is put down to
 * the tests that were under way when it appeared, and to one of them where something else shows whose it is.
 */
export class LeakSentinel {
  readonly #session: Session
  readonly #isAlone: boolean
  readonly #underWay = new Set<LeakWatch>()
  readonly #sightings = new Sightings()
  #lookedAt = Number.NEGATIVE_INFINITY

  /**
   * @param session the tests'
   * @param options.isAlone whether this process does nothing but run the tests that are watched: only then can its
   * children and descriptors be told to be theirs
   */
  constructor(session: Session, { isAlone }: { readonly isAlone: boolean }) {
    this.#session = session
    this.#isAlone = isAlone
    this.#look()
  }

  /**
   * Begins to watch a test.
   *
   * @param test its id
   * @param prefix what the names of its containers, cgroups and network namespaces begin with (`nextPrefix`)
   */
  begin(test: string, prefix: string): LeakWatch {
    // Usually the next test begins as soon as one has ended.
    if (performance.now() - this.#lookedAt > recentMs) this.#look()
    const watch = new LeakWatch(test, prefix, () => {
      this.#look()
      this.#underWay.delete(watch)
    })
    this.#underWay.add(watch)
    return watch
  }

  /** Tells, when all tests have ended, what is left that bore no test's name. */
  async finish(): Promise<readonly AttributedLeak[]> {
    try {
      await until(() => this.#remaining().length === 0, { timeoutMs: settleMs, what: 'leaks to go' })
      return []
    } catch (error) {
      if (error instanceof DeadlineError) return this.#remaining()
      throw error
    }
  }

  #remaining(): readonly AttributedLeak[] {
    this.#look()
    return this.#sightings.leaks()
  }

  #look(): void {
    this.#lookedAt = performance.now()
    this.#sightings.look(
      [...this.#mounts(), ...(this.#isAlone ? [...children(), ...descriptors()] : [])],
      [...this.#underWay],
    )
  }

  #mounts(): SeenThing[] {
    return mountPointsIn(this.#session.scope({ runtimes: [] })).map((mountPoint) => ({
      kind: 'mount',
      what: mountPoint,
      details: mountPoint,
    }))
  }
}

function children(): SeenThing[] {
  return childrenOfThisProcess().flatMap((pid) => {
    const identity = identifyProcess(pid)
    if (identity === undefined) return []
    return { kind: 'process', what: describeProcess(identity), details: environmentAndWords(pid) }
  })
}

function descriptors(): SeenThing[] {
  return openDescriptors().map((what) => ({ kind: 'descriptor', what, details: what }))
}

function environmentAndWords(pid: number): string {
  try {
    return ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join('\0')
  } catch {
    return '' // ended meanwhile
  }
}
