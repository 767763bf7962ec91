// What of the data is shown. It lives in the address behind the '#', so that every view can be linked to.

/** The three views of the page. */
export const views = ['requirements', 'tests', 'time'] as const
export type View = (typeof views)[number]

/** What is shown; an empty text filters nothing. */
export interface ViewState {
  readonly view: View
  readonly text: string
  readonly level: string
  readonly area: string
  readonly outcome: string
  readonly runtime: string
  /** Id of the requirement or test that is unfolded. */
  readonly open: string
}

/** Nothing filtered, nothing unfolded. */
export const everything: ViewState = {
  view: 'requirements',
  text: '',
  level: '',
  area: '',
  outcome: '',
  runtime: '',
  open: '',
}

/** Reads the address's part from '#' on; what it does not know is as in `everything`. */
export function readHash(hash: string): ViewState {
  const words = new URLSearchParams(hash.replace(/^#/, ''))
  const word = (key: keyof ViewState) => words.get(key) ?? ''
  return {
    view: views.find((view) => view === word('view')) ?? everything.view,
    text: word('text'),
    level: word('level'),
    area: word('area'),
    outcome: word('outcome'),
    runtime: word('runtime'),
    open: word('open'),
  }
}

/** The address's part from '#' on that shows this. */
export function hashOf(state: Partial<ViewState>): string {
  const words = new URLSearchParams()
  for (const [key, value] of Object.entries(state)) if (value !== '') words.set(key, value)
  return `#${words.toString()}`
}
