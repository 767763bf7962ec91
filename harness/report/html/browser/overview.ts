// The head of the page: what was run, and how it went at a glance.
import type { PageData } from '../page-data.ts'
import { readable } from './duration.ts'
import { element } from './element.ts'
import { countsOf, type Entry } from './entries.ts'
import { hashOf } from './view-state.ts'

/** Name and verdict, when and where, a bar for each runtime, and what went wrong beside the tests. */
export function overview(data: PageData, tests: readonly Entry[]): HTMLElement {
  const { isGreen, startedAt, wallMs, runwright, host, runtimes, problems } = data
  const begun = new Date(startedAt)
  const when = element('time', { attributes: { datetime: startedAt } }, begun.toLocaleString())
  return element(
    'header',
    {},
    element(
      'h1',
      {},
      'Runwright ',
      element('span', { class: `verdict ${isGreen ? 'pass' : 'fail'}` }, isGreen ? 'green' : 'red'),
    ),
    element('p', { class: 'faint' }, when, ` · ${readable(wallMs)} · ${host} · Runwright ${runwright}`),
    ...runtimes.map((_runtime, column) => runtimeBar(data, tests, column)),
    ...problems.map(({ title, detail }) =>
      element('div', { class: 'problem' }, element('b', {}, title), element('pre', {}, detail)),
    ),
  )
}

function runtimeBar({ runtimes }: PageData, tests: readonly Entry[], column: number): HTMLElement {
  const { name = '', version = '', specVersion = '', command = '' } = runtimes[column] ?? {}
  const counts = countsOf(tests.map((test) => ({ ...test, cells: [test.cells[column] ?? ''] })))
  const parts = counts.map(([outcome, count]) => {
    const part = element('span', { class: `part ${outcome}`, attributes: { title: `${count} ${outcome}` } })
    part.style.flexGrow = String(count)
    return part
  })
  const links = counts.map(([outcome, count]) => {
    const href = hashOf({ view: 'tests', outcome, runtime: name })
    return element('a', { class: `outcome ${outcome}`, attributes: { href } }, `${count} ${outcome}`)
  })
  const about = [version, specVersion === '' ? '' : `spec ${specVersion}`]
    .filter((text) => text !== '')
    .join(', ')
  return element(
    'div',
    { class: 'runtime-bar' },
    element(
      'div',
      { class: 'name', attributes: { title: `${command} ${about}` } },
      element('b', {}, name),
      ' ',
      element('span', { class: 'faint' }, about),
    ),
    element('div', { class: 'parts', attributes: { 'aria-hidden': 'true' } }, ...parts),
    element('div', { class: 'counts' }, ...links),
  )
}
