// The bar that chooses what is shown.
import { element } from './element.ts'
import { type ViewState, views } from './view-state.ts'

/** The values that each filter can take in the present view. */
export interface FilterChoices {
  readonly level: readonly string[]
  readonly area: readonly string[]
  readonly outcome: readonly string[]
  readonly runtime: readonly string[]
}

const labels = { level: 'level', area: 'area', outcome: 'outcome', runtime: 'runtime' } as const

/** The bar; it reports every change, and is told what the state has become. */
export class Filters {
  readonly root: HTMLElement
  readonly #text: HTMLInputElement
  readonly #selects: readonly (readonly [keyof typeof labels, HTMLSelectElement])[]
  readonly #tabs: readonly (readonly [string, HTMLButtonElement])[]
  readonly #count = element('output', { class: 'faint', attributes: { 'aria-live': 'polite' } })

  constructor(changed: (change: Partial<ViewState>) => void) {
    this.#text = element('input', {
      attributes: { type: 'search', placeholder: 'Search (press /)', 'aria-label': 'search', name: 'text' },
      on: { input: () => changed({ text: this.#text.value, open: '' }) },
    })
    this.#selects = (['level', 'area', 'outcome', 'runtime'] as const).map((key) => {
      const select = element('select', {
        attributes: { 'aria-label': labels[key], name: key },
        on: { change: () => changed({ [key]: select.value, open: '' }) },
      })
      return [key, select]
    })
    this.#tabs = views.map((view) => {
      const show = () => changed({ view, level: '', area: '', outcome: '', open: '' })
      return [view, element('button', { attributes: { type: 'button' }, on: { click: show } }, view)]
    })
    this.root = element(
      'nav',
      {},
      element('div', { class: 'tabs' }, ...this.#tabs.map(([, button]) => button)),
      this.#text,
      ...this.#selects.map(([, select]) => select),
      this.#count,
    )
  }

  /** Puts the cursor into the search. */
  search(): void {
    this.#text.focus()
    this.#text.select()
  }

  /** Shows a state. @param count how many entries it shows; undefined where entries are not what is shown */
  show(state: ViewState, choices: FilterChoices, count: number | undefined): void {
    for (const [view, button] of this.#tabs) button.setAttribute('aria-pressed', String(view === state.view))
    for (const [key, select] of this.#selects) {
      select.replaceChildren(
        option(`every ${labels[key]}`, '', state[key]),
        ...choices[key].map((value) => option(value, value, state[key])),
      )
      select.hidden = choices[key].length < 2
    }
    if (this.#text.value !== state.text) this.#text.value = state.text
    this.#text.hidden = count === undefined
    this.#count.textContent = count === undefined ? '' : `${count} shown`
  }
}

function option(text: string, value: string, chosen: string): HTMLOptionElement {
  const made = element('option', { attributes: { value } }, text)
  made.selected = value === chosen
  return made
}
