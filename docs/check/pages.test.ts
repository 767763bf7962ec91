/** What can be said of the documents without carrying them out. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageDirectory } from '../../harness/host/index.ts'
import { blocksOf, commandsOf, pagesIn } from './blocks.ts'
import { trials } from './trials.ts'

const checkout = `${packageDirectory()}/`.replace('//', '/')
const pages = pagesIn(checkout)
const blocks = pages.flatMap((page) => blocksOf(checkout, page))

/** Blocks of these languages are carried out by pages.runtime.test.ts. */
const tried = ['sh', 'yaml', 'ts']
/** Blocks of these are to be read. */
const read = [
  '', // what is printed, how directories look
  'text',
  'json',
  'ts declaration', // of the reference, which reference.test.ts compares with the types
  'ts part', // of a file of this project, told in order to explain how one is written
]

test.each(pages)('%s has no block that nobody tries', (page) => {
  const unknown = blocks.filter(
    (block) => block.page === page && ![...tried, ...read].includes(block.language),
  )
  expect(unknown).toEqual([])
})

test('every line of shell is a command by itself, or a comment', () => {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ code }) => code.split('\n'))
  expect(lines.filter((line) => /^\s+\S|\\$/.test(line))).toEqual([])
})

test('every entry in the table of trials is about a command that a document has', () => {
  const commands = new Set(commandsOf(blocks).map(({ text }) => text))
  expect(Object.keys(trials).filter((command) => !commands.has(command))).toEqual([])
})

test('blocks of JSON are JSON', () => {
  const json = blocks.filter(({ language }) => language === 'json')
  for (const { code } of json) expect(() => JSON.parse(code)).not.toThrow()
})

describe('links', () => {
  test.each(pages)('of %s lead to something', (page) => {
    const links = [...withoutBlocks(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const dead = links.filter((link) => !link.startsWith('https://') && !leadsSomewhere(link, page))
    expect(dead).toEqual([])
  })
})

function leadsSomewhere(link: string, page: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  if (!existsSync(checkout + target)) return false
  return anchor === undefined || anchorsOf(target).has(anchor)
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutBlocks(page).matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-')
    const again = [...anchors].filter((taken) => taken.replace(/-\d+$/, '') === anchor).length
    anchors.add(again === 0 ? anchor : `${anchor}-${again}`)
  }
  return anchors
}

function withoutBlocks(page: string): string {
  return readFileSync(checkout + page, 'utf8').replaceAll(/^```.*?^```$/gms, '')
}
