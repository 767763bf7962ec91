import { element } from './element.ts'

/** An outcome in its colour, and in words for those who do not see it. */
export function outcomeCell(outcome: string, runtime: string): HTMLElement {
  const text = outcome === '' ? '–' : outcome
  const attributes = { title: `${runtime}: ${text}`, 'data-runtime': runtime }
  return element('span', { class: `outcome ${outcome}`, attributes }, text)
}
