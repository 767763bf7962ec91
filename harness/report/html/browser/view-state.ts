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

/**
 * Reads the address's part from '#' on. What it does not say is not filtered, and nothing is unfolded.
 *
 * @param first the view where it names none
 */
export function readHash(hash: string, first: View): ViewState {
  const words = new URLSearchParams(hash.replace(/^#/, ''))
  const word = (key: keyof ViewState) => words.get(key) ?? ''
  return {
    view: views.find((view) => view === word('view')) ?? first,
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
