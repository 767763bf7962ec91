import { styleText } from 'node:util'
import type { Outcome } from '../suite/index.ts'

/** What a piece of text means; the colour follows from that. */
export type Meaning = Outcome | 'strong' | 'faint'

/** Colours a text for its meaning, or leaves it alone where there is no colour. */
export type Paint = (meaning: Meaning, text: string) => string

const styles: Readonly<Record<Meaning, Parameters<typeof styleText>[0]>> = {
  pass: 'green',
  fail: 'red',
  broken: 'magenta',
  deviation: 'yellow',
  fixed: 'cyan',
  skip: 'gray',
  strong: 'bold',
  faint: 'gray',
}

/** Leaves every text as it is. */
export const noPaint: Paint = (_meaning, text) => text

/**
 * The paint for a stream: colour on a terminal, unless NO_COLOR is set; FORCE_COLOR turns it on elsewhere.
 * See https://no-color.org and https://force-color.org.
 */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint {
  const wanted = environment['FORCE_COLOR'] !== undefined && environment['FORCE_COLOR'] !== '0'
  const refused = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== ''
  if (refused || !(wanted || stream.isTTY === true)) return noPaint
  return (meaning, text) => styleText(styles[meaning], text, { validateStream: false })
}
