import type { DeepReadonly, Spec } from '../spec/index.ts'

/** What a faulty runtime was asked about one container so far. */
export interface ContainerHistory {
  /** Oldest first. */
  readonly verbs: readonly string[]
  /** The configuration that it was made with, as the real runtime got it. */
  readonly spec: DeepReadonly<Spec> | undefined
  /** Absolute path of its bundle. */
  readonly bundle: string | undefined
}

const none: ContainerHistory = { verbs: [], spec: undefined, bundle: undefined }

/** Verbs that begin a container: whatever had its id before was another. */
export const beginnings: readonly string[] = ['create', 'run', 'restore']

/** Remembers the containers of one faulty runtime, by its root and their ids. */
export class ContainerHistories {
  readonly #known = new Map<string, ContainerHistory>()

  of(root: string, id: string, verb: string): ContainerHistory {
    return beginnings.includes(verb) ? none : (this.#known.get(`${root} ${id}`) ?? none)
  }

  /** Takes note of a command. */
  add(root: string, id: string, verb: string, facts: Partial<Omit<ContainerHistory, 'verbs'>> = {}): void {
    const before = this.of(root, id, verb)
    this.#known.set(`${root} ${id}`, { ...before, ...facts, verbs: [...before.verbs, verb] })
  }
}
