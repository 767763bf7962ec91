import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { linesOf, TooLongLineError } from './lines.ts'

async function linesIn(chunks: readonly Buffer[], maximum?: number): Promise<string[]> {
  const lines: string[] = []
  for await (const line of linesOf(Readable.from(chunks), maximum)) lines.push(line)
  return lines
}

test.each([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b\nc', 'd', '\ne'],
    ['ab', 'cd', 'e'],
  ],
  [['\n\n \na\n\n'], ['a']],
  [[''], []],
])('%j', async (chunks, lines) => {
  expect(await linesIn(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(lines)
})

test('a character cut in two by the chunks is whole again', async () => {
  const bytes = Buffer.from('grün\n')
  expect(await linesIn([bytes.subarray(0, 3), bytes.subarray(3)])).toEqual(['grün'])
})

test('a line without end is refused before it fills the memory', async () => {
  await expect(linesIn([Buffer.from('abc'), Buffer.from('def')], 5)).rejects.toThrow(TooLongLineError)
})
