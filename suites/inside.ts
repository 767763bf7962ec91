import { InsideObservation, insideScript } from '../harness/probe/index.ts'
import type { BundlePath, Container, Runtime } from '../harness/runtime/index.ts'
import type { ProcessSpec } from '../harness/spec/index.ts'
import { shell } from './programs.ts'

/** The program of a bundle that `observeRun` can run. */
export const reporting = shell(insideScript)

/** A process file's least: what the tests do not vary. */
function processOf(members: Partial<ProcessSpec>): ProcessSpec {
  return { cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 }, ...members }
}

/** What the first process of a container reports of itself, whatever the circumstances its runtime is called in. */
export async function observeRun(runtime: Runtime, bundle: BundlePath): Promise<InsideObservation> {
  return new InsideObservation((await runtime.run(bundle)).stdout)
}

/** What a process reports of itself that is executed in a container, described by a process file. */
export async function observeExecuted(
  container: Container,
  members: Partial<ProcessSpec>,
): Promise<InsideObservation> {
  const { stdout } = await container.exec(processOf({ ...members, args: [...reporting] }))
  return new InsideObservation(stdout)
}
