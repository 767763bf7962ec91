/** Runs the examples of docs/spec.md and compares what they print with what the page says. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'

const page = await readFile(new URL('../../docs/spec.md', import.meta.url), 'utf8')
const face = fileURLToPath(new URL('./index.ts', import.meta.url))

interface Example {
  readonly heading: string
  readonly code: string
  /** What stands behind `//`, at the end of a line that prints or below one. */
  readonly prints: readonly string[]
}

/** Gathers what an example prints. */
const preamble = `
export const printed: string[] = []
const console = { log: (...values: unknown[]) => printed.push(values.map(globalThis.show).join(' ')) }
`

function examples(): Example[] {
  const parts = page.split(/^#+ /m)
  return parts.flatMap((part) => {
    const heading = part.split('\n', 1)[0] ?? ''
    return [...part.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => ({
      heading,
      code,
      prints: [...code.matchAll(/(?:console\.log\(.*\)|^)\s*\/\/ (.*)$/gm)].map(([, text = '']) => text),
    }))
  })
}

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'runwright-docs-'))
})
afterEach(() => rm(directory, { recursive: true }))

function show(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY })
}

test.for(examples())('$heading', async ({ code, prints }) => {
  Reflect.set(globalThis, 'show', show)
  const file = join(directory, 'example.ts')
  // The working directory belongs to all tests of a worker, so the examples are told another one.
  const here = code
    .replaceAll("'runwright/spec'", JSON.stringify(face))
    .replaceAll(/(writeSpec)\('\.'/g, `$1(${JSON.stringify(directory)}`)
    .replaceAll("loadSpec('config.json')", `loadSpec(${JSON.stringify(join(directory, 'config.json'))})`)
  await writeFile(file, preamble + here)
  const { printed } = await import(pathToFileURL(file).href)
  const said = printed.map((text: string) => text.replaceAll(`${directory}/`, ''))
  expect(said).toEqual(prints)
  expect(said.length).toBeGreaterThan(0)
})
