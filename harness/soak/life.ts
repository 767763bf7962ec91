import type { LeakWatch } from '../guard/index.ts'
import type { Container, Runtime } from '../runtime/index.ts'
import type { Chance } from './chance.ts'

/**
 * What a container should be. `unsure`: its runtime was killed under it, or answered otherwise than it should have;
 * all that can be done then is to remove it.
 */
export type Stage = 'unborn' | 'created' | 'running' | 'paused' | 'stopped' | 'unsure' | 'gone'

/** The bundles of a soak. */
export interface SoakBundles {
  /** Prints `ready`, and ends with exit code 3 when it is told to. */
  readonly waiting: { readonly path: string }
  /** Prints `done` and ends with exit code 42. */
  readonly brief: { readonly path: string }
}

/** One container from before its creation to after its removal. */
export interface Life {
  readonly id: string
  readonly runtime: Runtime
  readonly watch: LeakWatch
  readonly bundles: SoakBundles
  readonly chance: Chance
  stage: Stage
  container: Container | undefined
  isBusy: boolean
}

/** The container of a life that has one by now. */
export function containerOf({ id, container }: Life): Container {
  if (container === undefined) throw new Error(`container ${id} was never created`)
  return container
}
