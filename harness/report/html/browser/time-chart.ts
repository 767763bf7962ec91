// Where the time went: a bar for every suite and for the slowest tests, the runtime's share in front.
import type { PageData, PageRun } from '../page-data.ts'
import { readable } from './duration.ts'
import { drawing, element } from './element.ts'
import { hashOf } from './view-state.ts'

interface Bar {
  readonly label: string
  readonly href: string
  readonly runtimeMs: number
  readonly durationMs: number
}

const slowest = 25

/** The two charts, for one runtime or for all. */
export function timeCharts(data: PageData, runtime: string): HTMLElement {
  const columns = data.runtimes.flatMap(({ name }, column) =>
    runtime === '' || name === runtime ? [column] : [],
  )
  const tests = data.tests.map(({ id, suite, title, runs }) => ({
    suite,
    bar: barOf(
      title,
      hashOf({ view: 'tests', open: id }),
      columns.map((column) => runs[column] ?? null),
    ),
  }))
  const suites = [...new Set(tests.map(({ suite }) => suite))].map((name) =>
    sumOf(
      name,
      tests.filter(({ suite }) => suite === name).map(({ bar }) => bar),
    ),
  )
  return element(
    'section',
    { class: 'time' },
    element('h2', {}, 'Suites'),
    element('p', { class: 'faint' }, 'Strong: inside the runtime. Pale: the harness, and waiting.'),
    chart('time by suite', suites, suites.length),
    element('h2', {}, 'Slowest tests'),
    chart(
      'the slowest tests',
      tests.map(({ bar }) => bar),
      slowest,
    ),
  )
}

function barOf(label: string, href: string, runs: readonly (PageRun | null)[]): Bar {
  const total = (partOf: (run: PageRun) => number) =>
    runs.reduce((sum, run) => sum + (run === null ? 0 : partOf(run)), 0)
  return { label, href, runtimeMs: total((run) => run.runtimeMs), durationMs: total((run) => run.durationMs) }
}

function sumOf(suite: string, bars: readonly Bar[]): Bar {
  return {
    label: suite,
    href: hashOf({ view: 'tests', area: suite }),
    runtimeMs: bars.reduce((sum, bar) => sum + bar.runtimeMs, 0),
    durationMs: bars.reduce((sum, bar) => sum + bar.durationMs, 0),
  }
}

const barHeight = 34

function chart(title: string, bars: readonly Bar[], most: number): SVGElement {
  const shown = bars.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, most)
  const longest = Math.max(1, ...shown.map(({ durationMs }) => durationMs))
  return drawing(
    'svg',
    { class: 'chart', width: '100%', height: shown.length * barHeight, role: 'img' },
    drawing('title', {}, title),
    ...shown.map((bar, position) => barDrawing(bar, position * barHeight, longest)),
  )
}

function barDrawing({ label, href, runtimeMs, durationMs }: Bar, y: number, longest: number): SVGElement {
  const share = (milliseconds: number) => `${((100 * milliseconds) / longest).toFixed(2)}%`
  return drawing(
    'a',
    { href },
    // The whole row is the link, not only the ink in it.
    drawing('rect', { x: 0, y, width: '100%', height: barHeight, fill: 'transparent' }),
    drawing('text', { x: 0, y: y + 14 }, label),
    drawing('text', { x: '100%', y: y + 14, 'text-anchor': 'end', class: 'figure' }, readable(durationMs)),
    drawing('rect', { x: 0, y: y + 20, width: share(durationMs), height: 7, rx: 3, class: 'harness' }),
    drawing('rect', {
      x: 0,
      y: y + 20,
      width: share(Math.min(runtimeMs, durationMs)),
      height: 7,
      rx: 3,
      class: 'inside',
    }),
  )
}
