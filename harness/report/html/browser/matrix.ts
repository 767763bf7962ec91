// A matrix: one line for every entry, which unfolds into what is known about it. Lines are made once; a filter hides
// some of them. The browser lays out only those near the window (content-visibility in page.css).
import { element } from './element.ts'
import { type Entry, isShown } from './entries.ts'
import { outcomeCell } from './outcome-cell.ts'
import type { ViewState } from './view-state.ts'

/** What a matrix needs to know of the page around it. */
export interface MatrixOptions {
  readonly runtimes: readonly string[]
  /** What is shown below an entry's line. */
  readonly detail: (id: string) => Node
  /** An entry was unfolded, or folded up again. */
  readonly toggled: (id: string, isOpen: boolean) => void
}

/** The lines of one view. */
export class Matrix {
  readonly root: HTMLElement
  readonly #lines: readonly { readonly entry: Entry; readonly line: HTMLDetailsElement }[]
  readonly #runtimes: readonly string[]
  readonly #nothing = element('p', { class: 'nothing' }, 'Nothing matches these filters.')

  constructor(entries: readonly Entry[], options: MatrixOptions) {
    this.#runtimes = options.runtimes
    this.#lines = entries.map((entry) => ({ entry, line: lineOf(entry, options) }))
    this.root = element(
      'section',
      { class: 'matrix' },
      headOf(options.runtimes),
      ...this.#lines.map(({ line }) => line),
      this.#nothing,
    )
    this.root.style.setProperty('--runtimes', String(options.runtimes.length))
    this.root.addEventListener('keydown', (event) => this.#moveBy(event))
  }

  /** Shows what the state asks for. @returns how many entries that are */
  show(state: ViewState): number {
    let shown = 0
    for (const { entry, line } of this.#lines) {
      const visible = isShown(entry, state, this.#runtimes)
      line.hidden = !visible
      if (visible) shown += 1
    }
    this.#nothing.hidden = shown > 0
    return shown
  }

  /** Unfolds an entry and brings it into view. */
  open(id: string): void {
    const found = this.#lines.find(({ entry }) => entry.id === id)
    if (found === undefined || found.line.open) return
    found.line.open = true
    found.line.scrollIntoView({ block: 'center' })
    found.line.querySelector('summary')?.focus({ preventScroll: true })
  }

  /** Arrow keys, j and k go from line to line. */
  #moveBy(event: KeyboardEvent): void {
    const step = steps.get(event.key)
    const current = document.activeElement
    if (step === undefined || current?.tagName !== 'SUMMARY') return
    const visible = this.#lines.filter(({ line }) => !line.hidden)
    const position = visible.findIndex(({ line }) => line === current.parentElement)
    const next = visible[position + step]?.line.querySelector('summary')
    if (next === null || next === undefined) return
    event.preventDefault()
    next.focus()
  }
}

const steps: ReadonlyMap<string, number> = new Map([
  ['ArrowDown', 1],
  ['j', 1],
  ['ArrowUp', -1],
  ['k', -1],
])

function headOf(runtimes: readonly string[]): HTMLElement {
  const cells = runtimes.map((runtime) => element('span', { class: 'runtime' }, runtime))
  return element('div', { class: 'head' }, element('span', {}), element('span', {}), ...cells)
}

function lineOf(entry: Entry, { runtimes, detail, toggled }: MatrixOptions): HTMLDetailsElement {
  const { id, title, note, cells } = entry
  const summary = element(
    'summary',
    {},
    element('span', { class: 'title' }, title),
    element('span', { class: 'note' }, note),
    ...cells.map((cell, column) => outcomeCell(cell, runtimes[column] ?? '')),
  )
  const line = element('details', { class: 'line', attributes: { 'data-id': id } }, summary)
  line.addEventListener('toggle', () => {
    if (line.open && line.childElementCount === 1) line.append(detail(id))
    toggled(id, line.open)
  })
  return line
}
