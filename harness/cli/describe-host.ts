import { type Cell, columns, indented, type Paint, wrap } from '../report/index.ts'
import type { ExaminedNeed, ExaminedRuntime, HostExamination } from './examine-host.ts'
import type { FoundTool } from './find-tools.ts'

/** How the text is to look. */
export interface HostTextOptions {
  readonly paint: Paint
  readonly width: number
  /** Lists also the needs that are met, and those that no test asks for. */
  readonly all: boolean
}

/** What was found out about a host, for people: facts first, what to do about it last. */
export function describeHost(examination: HostExamination, options: HostTextOptions): string {
  const { tools, needs } = examination
  const met = needs.filter((need) => need.met).length
  const sections: readonly (readonly [title: string, body: string])[] = [
    ['Host', hostText(examination, options)],
    ['Runtimes', runtimesText(examination, options)],
    [
      'Tools',
      table(
        tools.map((tool) => toolRow(tool, options)),
        options,
      ),
    ],
    [`Needs of the tests: ${met} of ${needs.length} met`, needsText(needs, options)],
    ['What will run', outlook(examination, options)],
  ]
  return sections
    .map(([title, body]) => [options.paint('strong', title), body].filter((part) => part !== '').join('\n'))
    .join('\n\n')
}

const margin = '  '

/** A table below a title, set in by two spaces. */
function table(rows: readonly (readonly Cell[])[], { width }: HostTextOptions): string {
  return rows.length === 0 ? '' : indented(columns(rows, width - margin.length), margin)
}

function needsText(needs: readonly ExaminedNeed[], options: HostTextOptions): string {
  const shown = options.all ? needs : needs.filter(({ met, tests }) => !met && tests > 0)
  const left = needs.filter((need) => !need.met && !shown.includes(need)).length
  const rest = left === 0 ? '' : `${left} that no test asks for are not met; --all lists them`
  const rows = table(
    shown.map((need) => needRow(need, options)),
    options,
  )
  return [rows, paragraph(rest, options)].filter((part) => part !== '').join('\n')
}

/** Text set in like a table, and within the width. */
function paragraph(text: string, { width }: HostTextOptions): string {
  return indented(wrap(text, width - margin.length).join('\n'), margin)
}

function hostText({ host }: HostExamination, options: HostTextOptions): string {
  const controllers = Object.keys(host.controllers).join(' ')
  const rows: readonly (readonly [string, string])[] = [
    ['system', `${host.distribution}, kernel ${host.kernel}, ${host.arch}, ${host.cpus} CPUs`],
    ['node', host.node],
    ['user', host.user === 0 ? 'root' : `user ${host.user}, not root`],
    ['cgroups', `${host.cgroup}: ${controllers === '' ? 'no controllers' : controllers}`],
  ]
  return table(
    rows.map(([name, text]) => [{ text: name, paint: (plain) => options.paint('faint', plain) }, { text }]),
    options,
  )
}

function runtimesText(examination: HostExamination, options: HostTextOptions): string {
  const { runtimes, missingRuntimes } = examination
  const rows = table(
    runtimes.map((runtime) => runtimeRow(runtime, examination, options)),
    options,
  )
  const missing = missingRuntimes.length === 0 ? '' : `not here: ${missingRuntimes.join(', ')}`
  return [rows, paragraph(missing, options)].filter((part) => part !== '').join('\n')
}

function runtimeRow(
  runtime: ExaminedRuntime,
  examination: HostExamination,
  { paint }: HostTextOptions,
): Cell[] {
  const { name, version = '', problem, path } = runtime
  const state: Cell =
    problem === undefined
      ? { text: readiness(runtime, examination), paint: (text) => paint('pass', text) }
      : { text: 'does not run', paint: (text) => paint('fail', text) }
  return [{ text: name }, { text: version }, state, { text: [path, ...remarks(runtime)].join('\n') }]
}

/** Counts mean nothing where no test can run at all. */
function readiness({ skippedTests }: ExaminedRuntime, { obstacles, plannedTests }: HostExamination): string {
  return obstacles.length > 0 ? 'is there' : `${plannedTests - skippedTests} of ${plannedTests} tests`
}

function remarks({ suite, libraries, problem }: ExaminedRuntime): string[] {
  return [
    ...(suite === undefined ? [] : [`from ${suite}`]),
    ...(libraries === 'own' && problem === undefined ? ['with a libc of its own'] : []),
    ...(problem === undefined ? [] : [problem]),
  ]
}

function toolRow(tool: FoundTool, { paint }: HostTextOptions): Cell[] {
  if ('path' in tool) {
    return [{ text: tool.name }, { text: 'ready', paint: (text) => paint('pass', text) }, { text: tool.path }]
  }
  return [
    { text: tool.name },
    { text: 'missing', paint: (text) => paint('fail', text) },
    { text: tool.problem },
  ]
}

function needRow(verdict: ExaminedNeed, { paint }: HostTextOptions): Cell[] {
  const { need, tests } = verdict
  const count = { text: tests === 0 ? '' : `${tests} ${tests === 1 ? 'test' : 'tests'}` }
  if (verdict.met)
    return [{ text: need }, { text: 'met', paint: (text) => paint('pass', text) }, count, { text: '' }]
  const state = { text: 'not met', paint: (text: string) => paint(tests === 0 ? 'faint' : 'skip', text) }
  return [{ text: need }, state, count, { text: `${verdict.reason}\n→ ${verdict.remedy}` }]
}

function outlook({ obstacles, runtimes, plannedTests }: HostExamination, options: HostTextOptions): string {
  if (obstacles.length === 0) return paragraph(readyText(runtimes, plannedTests), options)
  return obstacles.map((obstacle) => paragraph(obstacle, options)).join('\n')
}

function readyText(runtimes: readonly ExaminedRuntime[], planned: number): string {
  const [first] = runtimes.filter(({ problem }) => problem === undefined)
  if (first === undefined) return ''
  const skipped =
    first.skippedTests === 0
      ? 'none is skipped'
      : `${first.skippedTests} skipped: a need is not met, or what they cover is newer than the runtime`
  return `'runwright run --runtime ${first.name}' runs ${planned - first.skippedTests} of ${planned} tests; ${skipped}.`
}
