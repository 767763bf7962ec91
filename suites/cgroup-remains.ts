import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle } from '../harness/bundle/index.ts'
import { until } from '../harness/host/index.ts'
import { cgroupDirectoriesNamed } from '../harness/probe/index.ts'
import { type Container, RuntimeError } from '../harness/runtime/index.ts'
import type { TestContext } from '../harness/suite/index.ts'
import { patienceMs } from './containers.ts'

/**
 * Creates a container, and when that fails removes the cgroups that some runtimes leave then: one test is about that,
 * and the others are to leave nothing.
 *
 * @throws RuntimeError
 */
export async function createTidily({ runtime, id }: TestContext, bundle: Bundle): Promise<Container> {
  const name = id(bundle.name)
  try {
    return await runtime.create(bundle, { id: name })
  } catch (error) {
    await removeCgroupsNamed(name)
    throw error
  }
}

/** What a call of the runtime gives; undefined when the runtime ends by itself with an error, as it may. */
export async function unlessRefused<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'RUNTIME_EXITED') return undefined
    throw error
  }
}

/** Removes every cgroup whose own name holds `name`, and those below it; they must have no process, or soon none. */
export async function removeCgroupsNamed(name: string): Promise<void> {
  await until(
    () => {
      const tops = cgroupDirectoriesNamed(name)
      for (const directory of tops.flatMap(treeOf).reverse()) removeIfIdle(directory)
      return tops.length === 0
    },
    { timeoutMs: patienceMs, what: `the cgroups named ${name} to be removed` },
  )
}

/** A directory and all below it, parents before their children. */
function treeOf(directory: string): readonly string[] {
  try {
    const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return [directory, ...children.flatMap(({ name }) => treeOf(join(directory, name)))]
  } catch {
    return [] // It went while it was looked at.
  }
}

function removeIfIdle(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // Still busy, or gone already: whoever asked looks again.
  }
}
