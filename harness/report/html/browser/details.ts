// What a line unfolds into.
import type { PageCommand, PageData, PageRequirement, PageRun, PageTest } from '../page-data.ts'
import { element } from './element.ts'
import { outcomeCell } from './outcome-cell.ts'
import { hashOf } from './view-state.ts'

/** A requirement: what it says, where, and how the tests that judge it ended. */
export function requirementDetail(data: PageData, id: string): HTMLElement {
  const requirement = data.requirements.find((known) => known.id === id)
  if (requirement === undefined) return element('div', { class: 'detail' })
  const tests = data.tests.filter(({ covers }) => covers.includes(id))
  return element(
    'div',
    { class: 'detail' },
    placeLine(requirement),
    tests.length === 0
      ? element('p', { class: 'faint' }, 'No test of this run judges it.')
      : element('ul', { class: 'links' }, ...tests.map((test) => testLink(data, test))),
  )
}

function placeLine({ id, level, place, url }: PageRequirement): HTMLElement {
  const permanent = element(
    'a',
    { class: 'id', attributes: { href: hashOf({ view: 'requirements', open: id }) } },
    id,
  )
  const specification = element(
    'a',
    { attributes: { href: url, rel: 'noreferrer' } },
    `runtime-spec ${place}`,
  )
  return element('p', {}, permanent, ` · ${level} · `, ...(url === '' ? [] : [specification]))
}

function testLink({ runtimes }: PageData, { id, title, runs }: PageTest): HTMLElement {
  return element(
    'li',
    {},
    element('a', { attributes: { href: hashOf({ view: 'tests', open: id }) } }, title),
    ...runs.map((run, column) => outcomeCell(run?.outcome ?? '', runtimes[column]?.name ?? '')),
  )
}

/** A test: what it judges, and what happened on each runtime. */
export function testDetail(data: PageData, id: string): HTMLElement {
  const test = data.tests.find((known) => known.id === id)
  if (test === undefined) return element('div', { class: 'detail' })
  const covered = data.requirements.filter(({ id: name }) => test.covers.includes(name))
  return element(
    'div',
    { class: 'detail' },
    element(
      'p',
      {},
      element('a', { class: 'id', attributes: { href: hashOf({ view: 'tests', open: id }) } }, id),
    ),
    ...(covered.length === 0 ? [] : [element('ul', { class: 'links' }, ...covered.map(requirementLink))]),
    ...test.runs.flatMap((run, column) =>
      run === null ? [] : [runDetail(run, data.runtimes[column]?.name ?? '')],
    ),
  )
}

function requirementLink({ id, level, statement }: PageRequirement): HTMLElement {
  const link = element(
    'a',
    { attributes: { href: hashOf({ view: 'requirements', open: id }) } },
    statement || id,
  )
  return element('li', {}, element('b', { class: 'level' }, level), ' ', link)
}

function runDetail(run: PageRun, runtime: string): HTMLElement {
  const {
    outcome,
    durationMs,
    runtimeMs,
    explanation,
    expected,
    actual,
    again,
    commands = [],
    artifacts,
  } = run
  const times = `${durationMs} ms, ${runtimeMs} ms of them inside the runtime`
  return element(
    'section',
    { class: 'run' },
    element(
      'h3',
      {},
      runtime,
      ' ',
      outcomeCell(outcome, runtime),
      element('span', { class: 'faint' }, times),
    ),
    ...(explanation === undefined ? [] : [element('pre', {}, explanation)]),
    ...comparison(expected, actual),
    ...(again === undefined ? [] : [element('h4', {}, 'Again'), element('pre', { class: 'whole' }, again)]),
    ...(artifacts === undefined ? [] : [filesLine(artifacts)]),
    ...(commands.length === 0 ? [] : [element('h4', {}, 'What it ran'), ...commands.map(commandDetail)]),
  )
}

/** Links to the test's own files. Nothing in their directory's name is meant for the browser. */
function filesLine(artifacts: string): HTMLElement {
  const directory = artifacts.split('/').map(encodeURIComponent).join('/')
  const links = ['repro.sh', 'README.md', 'commands.txt'].flatMap((file) => [
    ' ',
    element('a', { attributes: { href: `./${directory}/${file}` } }, file),
  ])
  return element('p', {}, element('span', { class: 'faint' }, 'Files:'), ...links)
}

function comparison(expected: string | undefined, actual: string | undefined): HTMLElement[] {
  const sides = [
    ['expected', expected],
    ['actual', actual],
  ] as const
  const shown = sides.flatMap(([name, text]) =>
    text === undefined
      ? []
      : [element('div', {}, element('h4', {}, name), element('pre', { class: name }, text))],
  )
  return shown.length === 0 ? [] : [element('div', { class: 'comparison' }, ...shown)]
}

function commandDetail({ line, end, stdout, stderr }: PageCommand): HTMLElement {
  const head = element(
    'p',
    { class: 'command' },
    element('code', { class: 'whole' }, line),
    ' ',
    element('span', { class: 'faint' }, end),
  )
  const outputs = [
    ['stdout', stdout],
    ['stderr', stderr],
  ].flatMap(([name = '', text = '']) =>
    text === '' ? [] : [element('pre', { attributes: { title: name } }, text)],
  )
  return element('div', {}, head, ...outputs)
}
