import type { Paint } from '../report/index.ts'
import { type Cell, columns, indented, wrap } from './columns.ts'
import type { ExaminedNeed, ExaminedRuntime, HostExamination } from './examine-host.ts'
import type { FoundTool } from './find-tools.ts'

/** How the text is to look. */
export interface HostTextOptions {
  readonly paint: Paint
  readonly width: number
  /** Lists the needs that are met as well. */
  readonly all: boolean
}

/** What was found out about a host, for people: facts first, what to do about it last. */
export function describeHost(examination: HostExamination, options: HostTextOptions): string {
  const { runtimes, tools, needs } = examination
  const met = needs.filter((need) => need.met).length
  const shownNeeds = options.all ? needs : needs.filter((need) => !need.met)
  const sections: readonly (readonly [title: string, body: string])[] = [
    ['Host', hostText(examination, options)],
    ['Runtimes', runtimesText(runtimes, examination.plannedTests, options)],
    [
      'Tools',
      table(
        tools.map((tool) => toolRow(tool, options)),
        options,
      ),
    ],
    [
      `Needs of the tests: ${met} of ${needs.length} met`,
      table(
        shownNeeds.map((need) => needRow(need, options)),
        options,
      ),
    ],
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

function runtimesText(
  runtimes: readonly ExaminedRuntime[],
  planned: number,
  options: HostTextOptions,
): string {
  if (runtimes.length === 0) return `${margin}none`
  return table(
    runtimes.map((runtime) => runtimeRow(runtime, planned, options)),
    options,
  )
}

function runtimeRow(runtime: ExaminedRuntime, planned: number, { paint }: HostTextOptions): Cell[] {
  const { name, version = '', problem, path, skippedTests } = runtime
  const state: Cell =
    problem === undefined
      ? { text: `${planned - skippedTests} of ${planned} tests`, paint: (text) => paint('pass', text) }
      : { text: 'does not run', paint: (text) => paint('fail', text) }
  return [{ text: name }, { text: version }, state, { text: [path, ...remarks(runtime)].join('\n') }]
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

function outlook(
  { obstacles, runtimes, plannedTests }: HostExamination,
  { paint, width }: HostTextOptions,
): string {
  const lines =
    obstacles.length > 0
      ? obstacles.map((obstacle) => paint('fail', obstacle))
      : [readyText(runtimes, plannedTests)]
  return indented(lines.flatMap((line) => wrap(line, width - margin.length)).join('\n'), margin)
}

function readyText(runtimes: readonly ExaminedRuntime[], planned: number): string {
  const [first] = runtimes.filter(({ problem }) => problem === undefined)
  if (first === undefined) return ''
  const skipped =
    first.skippedTests === 0
      ? 'none is skipped'
      : `${first.skippedTests} are skipped for needs that are not met`
  return `'runwright run --runtime ${first.name}' runs ${planned - first.skippedTests} of ${planned} tests; ${skipped}.`
}
