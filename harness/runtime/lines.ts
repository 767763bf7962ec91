import { StringDecoder } from 'node:string_decoder'

/** A line so long that it is not worth its memory. */
export class TooLongLineError extends Error {}

const longestLine = 16 * 2 ** 20

/**
 * The lines of a stream, without their ends and without empty ones. The last need not end in a newline.
 *
 * @throws TooLongLineError
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  maximum = longestLine,
): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of stream) {
    const [first = '', ...others] = decoder.write(chunk).split('\n')
    const last = others.pop()
    rest += first
    if (last !== undefined) {
      yield* [rest, ...others].filter(isFilled)
      rest = last
    }
    if (rest.length > maximum) throw new TooLongLineError(`a line of more than ${maximum} characters`)
  }
  rest += decoder.end()
  if (isFilled(rest)) yield rest
}

function isFilled(line: string): boolean {
  return line.trim() !== ''
}
