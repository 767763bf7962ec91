import type { Bundle } from '../harness/bundle/index.ts'
import type { Container, RunResult, Runtime } from '../harness/runtime/index.ts'
import {
  changing,
  type Edit,
  type Hook,
  type HookKind,
  hookKinds,
  type JsonValue,
} from '../harness/spec/index.ts'
import type { Need, TestContext } from '../harness/suite/index.ts'
import { endOf, startAndEnd } from './containers.ts'
import { HookRecorder, type HookReport } from './hook-recorder.ts'
import { sleeping } from './programs.ts'

/** The kinds of hook that run during create, in the order in which they run. */
export const createKinds = [
  'prestart',
  'createRuntime',
  'createContainer',
] as const satisfies readonly HookKind[]

/** A recorder in a directory of the test's own. */
export async function recorderOf({ temporaryDirectory }: TestContext): Promise<HookRecorder> {
  return await HookRecorder.in(await temporaryDirectory())
}

/**
 * What it takes to look closely at hooks of a kind: that they run at all. Whether they do, other tests ask, which need
 * nothing.
 */
export function needsOf(kind: HookKind): readonly Need[] {
  return kind === 'createContainer' || kind === 'startContainer' ? ['runtime:container-hooks'] : []
}

/** The part of a requirement's id that names a kind of hook. */
export function idOf(kind: HookKind): string {
  return kind.toLowerCase()
}

/**
 * Creates a container and takes it through the operation in which hooks of this kind run. After start a hook of the
 * container may still be on its way: it runs behind the program that start has let go.
 */
export async function throughPhaseOf(
  kind: HookKind,
  { runtime }: TestContext,
  bundle: { readonly path: string },
  recorder: HookRecorder,
): Promise<Container> {
  const container = await runtime.create(bundle)
  if (kind === 'startContainer' || kind === 'poststart') await container.start()
  if (kind === 'startContainer') await recorder.untilRan(kind)
  if (kind === 'poststop') {
    await startAndEnd(container)
    await container.delete()
  }
  return container
}

/** Takes a container through the operation in which hooks of this kind run, and gives what its hook wrote down. */
export async function reportOf(
  kind: HookKind,
  name: string,
  context: TestContext,
  edit: (recorder: HookRecorder) => Edit = (recorder) => recorder.hook(kind),
): Promise<HookReport & { readonly container: Container; readonly bundle: Bundle }> {
  const recorder = await recorderOf(context)
  const bundle = await context.bundles.busybox(name, sleeping, recorder.with(edit(recorder)))
  const container = await throughPhaseOf(kind, context, bundle, recorder)
  context.expect(await recorder.ran()).toContain(kind)
  return { ...(await recorder.report(kind)), container, bundle }
}

/** Takes a container with a hook of every kind through its whole life, and gives what the hooks wrote down. */
export async function reportsOfAll(
  name: string,
  context: TestContext,
  edits: () => readonly Edit[] = () => [],
): Promise<ReadonlyMap<HookKind, HookReport>> {
  const { bundles, runtime, expect } = context
  const recorder = await recorderOf(context)
  const each = hookKinds.map((kind) => recorder.hook(kind))
  const container = await runtime.create(
    await bundles.busybox(name, sleeping, recorder.with(...each, ...edits())),
  )
  await container.start()
  await recorder.untilRan('startContainer')
  await endOf(container)
  await container.delete()
  expect([...(await recorder.ran())].sort()).toEqual([...hookKinds].sort())
  const reports = new Map<HookKind, HookReport>()
  for (const kind of hookKinds) reports.set(kind, await recorder.report(kind))
  return reports
}

/** Changes the last hook of a kind. */
export function withLastHook(kind: HookKind, change: (hook: Hook) => void): Edit {
  return changing((draft) => {
    const last = draft.hooks?.[kind]?.at(-1)
    if (last !== undefined) change(last)
  })
}

/** Create as it stands on the command line: nothing of a failed attempt is cleaned up behind the runtime's back. */
export function createRaw(
  runtime: Runtime,
  bundle: { readonly path: string },
  id: string,
): Promise<RunResult> {
  return runtime.command(['create', '--bundle', bundle.path, id])
}

/** A member of the state that a hook was given; undefined where there is none, or no object to have it. */
export function memberOf(state: JsonValue | undefined, name: string): JsonValue | undefined {
  return typeof state === 'object' && state !== null && !Array.isArray(state) ? state[name] : undefined
}
