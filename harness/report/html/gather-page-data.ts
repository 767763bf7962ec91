import { shellQuote } from '../../runtime/index.ts'
import { type Requirement, specificationUrl, type TestReport } from '../../suite/index.ts'
import { explanationOf } from '../explanation.ts'
import { printable } from '../printable.ts'
import { againCommand, howItEnded } from '../repetition.ts'
import { isGreen, type Results } from '../results.ts'
import { runProblems } from '../run-problems.ts'
import type { PageCommand, PageData, PageRequirement, PageRun, PageTest } from './page-data.ts'

/** What the page shows of the results of a run. */
export function gatherPageData(results: Results, catalogue: ReadonlyMap<string, Requirement>): PageData {
  const { startedAt, wallMs, runwright, runtimes } = results
  return {
    isGreen: isGreen(results),
    startedAt,
    wallMs,
    runwright,
    host: hostText(results),
    runtimes: runtimes.map(({ name, version = '', command, specVersion = '' }) => ({
      name,
      version,
      command,
      specVersion,
    })),
    problems: runProblems(results).map(({ title, detail }) => ({ title, detail: printable(detail) })),
    requirements: gatherRequirements(results, catalogue),
    tests: gatherTests(results),
  }
}

/** The host in a line; of several that ran the same command line, each kernel. */
function hostText({ host, runtimes }: Results): string {
  const { arch, cpus, cgroup, rootless, machine } = host
  const kernels = new Set(runtimes.map((runtime) => (runtime.host ?? host).kernel))
  return [
    `Linux ${[...(kernels.size === 0 ? [host.kernel] : kernels)].join(' and ')}`,
    ...[arch, `${cpus} CPUs`, `cgroup ${cgroup}`],
    ...(rootless ? ['rootless'] : []),
    ...(machine === undefined ? [] : [machine]),
  ].join(', ')
}

function gatherRequirements(
  { requirements, runtimes }: Results,
  catalogue: ReadonlyMap<string, Requirement>,
): PageRequirement[] {
  const levels = new Map(requirements.map(({ id, level }) => [id, level]))
  const verdicts = new Map(requirements.map(({ id, runtime, verdict }) => [`${runtime} ${id}`, verdict]))
  return [...levels].map(([id, level]) => ({
    id,
    level,
    ...placeOf(catalogue.get(id)),
    verdicts: runtimes.map(({ name }) => verdicts.get(`${name} ${id}`) ?? 'untested'),
  }))
}

function placeOf(requirement: Requirement | undefined) {
  if (requirement === undefined) return { area: 'unknown', statement: '', place: '', url: '' }
  const { area, statement, file, anchor } = requirement
  return { area, statement, place: `${file}#${anchor}`, url: specificationUrl(requirement) }
}

function gatherTests(results: Results): PageTest[] {
  const { tests, runtimes } = results
  const byId = new Map<string, TestReport[]>()
  for (const test of tests) byId.set(test.id, [...(byId.get(test.id) ?? []), test])
  return [...byId].flatMap(([id, reports]) => {
    const [first] = reports
    if (first === undefined) return []
    const runs = runtimes.map(({ name }) => {
      const report = reports.find(({ runtime }) => runtime === name)
      return report === undefined ? null : pageRun(report, results)
    })
    return [{ id, suite: first.suite, title: first.title, covers: first.covers, runs }]
  })
}

function pageRun(report: TestReport, results: Results): PageRun {
  const { outcome, error, reason } = report
  const times = { durationMs: Math.round(report.durationMs), runtimeMs: Math.round(report.runtimeMs) }
  if (error === undefined && reason === undefined) return { outcome, ...times }
  return {
    outcome,
    ...times,
    explanation: printable(explanationOf(report)),
    ...(error?.expected === undefined ? {} : { expected: printable(error.expected) }),
    ...(error?.actual === undefined ? {} : { actual: printable(error.actual) }),
    ...(report.artifacts === undefined ? {} : { artifacts: report.artifacts }),
    ...(report.commands === undefined
      ? {}
      : { again: againCommand(report, results), commands: pageCommands(report) }),
  }
}

function pageCommands({ commands = [] }: TestReport): readonly PageCommand[] {
  return commands.map((command) => ({
    line: printable(shellQuote(command.reproduction)),
    end: howItEnded(command),
    stdout: printable(command.stdout),
    stderr: printable(command.stderr),
  }))
}
