import {
  cgroupLayout,
  distribution,
  type HostFacts,
  type HostNeed,
  hostFacts,
  hostNeeds,
  isHostNeed,
  type NeedVerdict,
  probeNeed,
} from '../host/index.ts'
import { runtimeProfiles } from '../runtime/index.ts'
import { type Need, type Requirement, tooNewFor } from '../suite/index.ts'
import { type FoundRuntime, findRuntimes } from './find-runtimes.ts'
import { type FoundTool, findTool, tools } from './find-tools.ts'
import { shippedSuites } from './named-suites.ts'
import { specVersionOf } from './spec-version.ts'

/** A runtime that is there, and how many of the shipped tests it would be asked to skip on this host. */
export interface ExaminedRuntime extends FoundRuntime {
  readonly skippedTests: number
}

/** Whether the host meets one need, and how many of the shipped tests ask for it. */
export type ExaminedNeed = NeedVerdict & { readonly need: HostNeed; readonly tests: number }

/** What this host is and can do, as far as the suites care. */
export interface HostExamination {
  readonly host: HostFacts & {
    readonly distribution: string
    readonly node: string
    readonly user: number
    /** Mount points of the cgroup controllers. */
    readonly controllers: Readonly<Record<string, string>>
  }
  readonly runtimes: readonly ExaminedRuntime[]
  /** Names of the profiles for which there is no program. */
  readonly missingRuntimes: readonly string[]
  readonly tools: readonly FoundTool[]
  readonly needs: readonly ExaminedNeed[]
  readonly plannedTests: number
  /** What stands in the way of any run at all, with what to do about it; empty when a run is possible. */
  readonly obstacles: readonly string[]
}

/** Looks at everything a run depends on. Needs are probed by doing; nothing is left behind. */
export async function examineHost(): Promise<HostExamination> {
  const planned = await plannedTests()
  const needs: ExaminedNeed[] = []
  for (const need of hostNeeds) {
    const tests = planned.filter((test) => test.needs.includes(need)).length
    needs.push({ need, tests, ...(await probeNeed(need)) })
  }
  const unmet = needs.filter(({ met }) => !met).map(({ need }) => need)
  const runtimes: ExaminedRuntime[] = []
  for (const runtime of await findRuntimes()) {
    const specVersion = runtime.problem === undefined ? await specVersionOf(runtime.path) : undefined
    const isSkipped = ({ needs: needed, covered }: PlannedTest) =>
      needed.some((need) => isUnmet(need, unmet, runtime)) || tooNewFor(specVersion, covered) !== undefined
    runtimes.push({ ...runtime, skippedTests: planned.filter(isSkipped).length })
  }
  const found = await Promise.all(tools.map(findTool))
  return {
    host: {
      ...hostFacts(),
      distribution: distribution().title,
      node: process.version,
      user: process.geteuid?.() ?? 0,
      controllers: Object.fromEntries(cgroupLayout().controllers),
    },
    runtimes,
    missingRuntimes: runtimeProfiles
      .map(({ name }) => name)
      .filter((name) => runtimes.every((runtime) => runtime.name !== name)),
    tools: found,
    needs,
    plannedTests: planned.length,
    obstacles: findObstacles(runtimes, found, needs),
  }
}

/** What decides whether a shipped test is skipped. */
interface PlannedTest {
  readonly needs: readonly Need[]
  readonly covered: readonly Requirement[]
}

async function plannedTests(): Promise<readonly PlannedTest[]> {
  const { suites, catalogue } = await shippedSuites()
  return suites.flatMap(({ tests }) =>
    tests.map(({ needs, covers }) => ({ needs, covered: covers.flatMap((id) => catalogue.get(id) ?? []) })),
  )
}

function isUnmet(need: Need, unmet: readonly HostNeed[], { lacks }: FoundRuntime): boolean {
  return isHostNeed(need) ? unmet.includes(need) : lacks.some((feature) => need === `runtime:${feature}`)
}

function findObstacles(
  runtimes: readonly FoundRuntime[],
  found: readonly FoundTool[],
  needs: readonly ExaminedNeed[],
): string[] {
  const containers = needs.find(({ need }) => need === 'containers')
  const missing = found.flatMap((tool) => ('problem' in tool ? [tool.problem] : []))
  return [
    ...(containers?.met === false
      ? [`no container can be made: ${containers.reason}; ${containers.remedy}`]
      : []),
    ...(runtimes.some(({ problem }) => problem === undefined)
      ? []
      : [
          "no runtime runs here: 'runwright setup' gets runc, or name one with 'runwright run --runtime PATH'",
        ]),
    ...missing.map((problem) => `${problem}: 'runwright setup' gets one`),
  ]
}
