// The script of the page: reads the data that stands in it and shows what the address asks for.
import type { PageData } from '../page-data.ts'
import { requirementDetail, testDetail } from './details.ts'
import { element } from './element.ts'
import { countsOf, type Entry, occurring, requirementEntries, testEntries } from './entries.ts'
import { type FilterChoices, Filters } from './filters.ts'
import { Matrix } from './matrix.ts'
import { overview } from './overview.ts'
import { timeCharts } from './time-chart.ts'
import { hashOf, readHash, type ViewState } from './view-state.ts'

const data: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '')
const runtimes = data.runtimes.map(({ name }) => name)
const entries = { requirements: requirementEntries(data), tests: testEntries(data) }
/** Tests that cover no requirement would be told as so many requirements untested. */
const first = data.tests.some(({ covers }) => covers.length > 0) ? 'requirements' : 'tests'
let state = readHash(location.hash, first)

const options = {
  runtimes,
  toggled: (id: string, isOpen: boolean) => {
    if (isOpen === (state.open === id)) return
    remember({ ...state, open: isOpen ? id : '' })
  },
}
/** A matrix is made when it is first looked at. */
const matrices: { requirements?: Matrix; tests?: Matrix } = {}
const main = element('main', {})
const filters = new Filters((change) => {
  remember({ ...state, ...change })
  show()
})

function matrixOf(view: 'requirements' | 'tests'): Matrix {
  const detail = view === 'tests' ? testDetail : requirementDetail
  matrices[view] ??= new Matrix(entries[view], { ...options, detail: (id) => detail(data, id) })
  return matrices[view]
}

/** Keeps the state in the address, without a step in the history for every letter typed. */
function remember(next: ViewState): void {
  state = next
  history.replaceState(undefined, '', hashOf(state))
}

function show(): void {
  if (state.view === 'time') {
    main.replaceChildren(timeCharts(data, state.runtime))
    filters.show(state, { level: [], area: [], outcome: [], runtime: runtimes }, undefined)
    return
  }
  const matrix = matrixOf(state.view)
  const count = matrix.show(state)
  if (main.firstChild !== matrix.root) main.replaceChildren(matrix.root)
  filters.show(state, choicesOf(entries[state.view]), count)
  if (state.open !== '') matrix.open(state.open)
}

function choicesOf(shown: readonly Entry[]): FilterChoices {
  return {
    level: occurring(shown, ({ levels }) => levels),
    area: occurring(shown, ({ areas }) => areas),
    outcome: countsOf(shown).map(([outcome]) => outcome),
    runtime: runtimes,
  }
}

document.body.append(overview(data, entries.tests), filters.root, main)
show()
addEventListener('hashchange', () => {
  state = readHash(location.hash, first)
  show()
})
document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement
  if (event.key === '/' && !isTyping) {
    event.preventDefault()
    filters.search()
  } else if (event.key === 'Escape' && isTyping) {
    event.target.blur()
  }
})
