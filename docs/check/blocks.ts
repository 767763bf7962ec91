import { readdirSync, readFileSync } from 'node:fs'

/** A fenced block of a document. */
export interface Block {
  /** The document, by path from the project's directory. */
  readonly page: string
  /** Line at which the block begins, from 1. */
  readonly line: number
  /** What stands behind the fence, such as `sh`. */
  readonly language: string
  readonly code: string
}

/** One command of a document. */
export interface Command {
  readonly page: string
  readonly line: number
  /** As it is written, without the comment behind it. */
  readonly text: string
  /** Lines that it prints, among others: the `text` block right behind the block that it ends. `…` is anything. */
  readonly output: readonly string[]
}

/** A program of a document: a block with imports, and those after it that have none and go on where it ended. */
export interface Example {
  readonly page: string
  readonly line: number
  readonly code: string
  /** By path from the document's directory: what the first line says, as in `// suites/mine.ts`. */
  readonly file: string
  /** Tests are run by vitest, programs by Node, and a module is there for what comes after it. */
  readonly kind: 'tests' | 'program' | 'module'
}

/**
 * All documents of the project, by path from its directory, but those of the examples, which are tried as wholes
 * (harness/examples.runtime.test.ts).
 *
 * @param directory of the project, with a slash at its end
 */
export function pagesIn(directory: string): readonly string[] {
  const folders = ['docs', 'docs/reference', 'archives', 'bundles']
  const inFolders = folders.flatMap((folder) =>
    readdirSync(directory + folder)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  )
  return ['README.md', 'CONTRIBUTING.md', ...inFolders.sort()]
}

/** The fenced blocks of a document, in order. */
export function blocksOf(directory: string, page: string): readonly Block[] {
  const text = readFileSync(directory + page, 'utf8')
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(
    ({ 1: language = '', 2: code = '', index }) => ({
      page,
      line: text.slice(0, index).split('\n').length,
      language,
      code,
    }),
  )
}

/** The commands of a document: of its blocks of shell, and of the steps of its workflows. */
export function commandsOf(blocks: readonly Block[]): readonly Command[] {
  return blocks.flatMap((block, position) => {
    const commands = commandLines(block)
    const last = commands.pop()
    return last === undefined
      ? []
      : [...commands, { ...last, output: outputBehind(block, blocks[position + 1]) }]
  })
}

function commandLines({ page, line: first, language, code }: Block): Command[] {
  return code.split('\n').flatMap((text, index) => {
    const command = commandPatterns[language]?.exec(text)?.[1]
    if (command === undefined) return []
    return [{ page, line: first + 1 + index, text: withoutComment(command), output: [] }]
  })
}

/** Nothing but one empty line stands between a block and what it prints. */
function outputBehind({ line, code }: Block, next: Block | undefined): readonly string[] {
  const isBehind = next?.language === 'text' && next.line === line + code.split('\n').length + 2
  return isBehind ? next.code.trimEnd().split('\n') : []
}

/** The promised lines that an output does not have, or not in their order. */
export function missingLines(promised: readonly string[], output: string): readonly string[] {
  const lines = output.split('\n')
  return promised.filter((line) => {
    const words = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const pattern = new RegExp(`^${words.join('.*')}$`)
    const place = lines.findIndex((printed) => pattern.test(printed))
    lines.splice(0, place + 1)
    return place === -1
  })
}

/** What of a line is a command. */
const commandPatterns: Readonly<Record<string, RegExp>> = {
  sh: /^([^#\s].*)$/,
  yaml: /^\s*(?:- )?run: (.*)$/,
}

function withoutComment(command: string): string {
  return command.replace(/\s+# .*$/, '')
}

/** The programs of a document, whose parts may stand in several blocks. */
export function examplesOf(blocks: readonly Block[]): readonly Example[] {
  const examples: Pick<Example, 'page' | 'line' | 'code'>[] = []
  for (const { page, line, language, code } of blocks) {
    if (language !== 'ts') continue
    const goesOn = /^import /m.test(code) ? undefined : examples.pop()
    examples.push({ page, line: goesOn?.line ?? line, code: `${goesOn?.code ?? ''}${code}` })
  }
  return examples.map((example) => ({ ...example, ...roleOf(example) }))
}

function roleOf({ line, code }: Pick<Example, 'line' | 'code'>): Pick<Example, 'file' | 'kind'> {
  const [, named] = /^\/\/ ([\w./-]+\.ts)\n/.exec(code) ?? []
  if (/from '(vitest|runwright\/vitest)'/.test(code))
    return { file: named ?? `line-${line}.test.ts`, kind: 'tests' }
  return named === undefined ? { file: `line-${line}.ts`, kind: 'program' } : { file: named, kind: 'module' }
}

/** What an example says that it prints: behind `//` in a line that prints, and in the lines below it. */
export function promisedOutput(code: string): string {
  let printed = false
  return code
    .split('\n')
    .flatMap((line) => {
      const [, text] = (line.includes('console.log(') ? /\) \/\/ (.*)$/ : /^\/\/ (.*)$/).exec(line) ?? []
      printed = line.includes('console.log(') || (printed && text !== undefined)
      return printed && text !== undefined ? [text] : []
    })
    .join('\n')
}
