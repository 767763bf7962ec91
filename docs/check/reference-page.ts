import { dirname } from 'node:path'
import type { DocTag, Export } from './exports.ts'

/** An entry point of the package. */
export interface EntryPoint {
  /** What users import. */
  readonly specifier: string
  /** The module behind it, from the project's directory. */
  readonly module: string
}

/**
 * Writes the reference of one entry point: its exports by the folder that holds them, each with its documentation and
 * its declaration.
 *
 * @param introductionOf gives what the head of a folder's index.ts says, or nothing
 */
export function referencePage(
  { specifier }: EntryPoint,
  exports: readonly Export[],
  introductionOf: (folder: string) => string,
): string {
  const folders = [...new Set(exports.map(folderOf))].sort()
  const sorted = folders.flatMap((folder) => exports.filter((member) => folderOf(member) === folder))
  const anchors = anchorsOf(sorted)
  const sections = folders.map((folder) => {
    const members = sorted.filter((member) => folderOf(member) === folder)
    return [
      `## In \`${folder}\``,
      introductionOf(folder),
      members.map(({ name }) => `[\`${name}\`](#${anchors.get(name)})`).join(' · '),
      ...members.map(exportText),
    ]
  })
  return paragraphs([
    `# \`${specifier}\``,
    'Made from the types and their comments: what to change here is to be changed there. See [the index](../README.md).',
    ...sections.flat(),
  ])
}

function folderOf({ file }: Export): string {
  return dirname(file)
}

function exportText({ name, description, declaration, tags }: Export): string {
  return paragraphs([
    `### ${name}`,
    description,
    // No example, so another word than `ts` alone.
    `\`\`\`ts declaration\n${shortened(declaration)}\n\`\`\``,
    tags.flatMap(tagText).join('\n'),
    ...tags.filter(({ name }) => name === 'example').map(({ text }) => `\`\`\`ts\n${text}\n\`\`\``),
  ])
}

/** How each tag is told. */
const tagLabels: Readonly<Record<string, (text: string) => string>> = {
  param: (text) => text.replace(/^\S+/, '`$&`:'),
  returns: (text) => `returns ${text}`,
  throws: (text) => `throws ${text}`,
}

function tagText({ name, text }: DocTag): readonly string[] {
  const told = tagLabels[name]?.(text)
  return told === undefined ? [] : [`- ${told.replaceAll(/\s+/g, ' ')}`]
}

/** A constant whose type the compiler worked out, over many lines, shows what it is an instance of. */
function shortened(declaration: string): string {
  const isLong = declaration.split('\n').length > 12
  return isLong ? declaration.replace(/^(const \w+: [\w.]+<).*>;$/s, '$1…>;') : declaration
}

/** The anchors that headings get: names in lower case, numbered from the second of the same letters on. */
function anchorsOf(exports: readonly Export[]): ReadonlyMap<string, string> {
  const taken = new Map<string, number>()
  return new Map(
    exports.map(({ name }) => {
      const anchor = name.toLowerCase()
      const earlier = taken.get(anchor) ?? 0
      taken.set(anchor, earlier + 1)
      return [name, earlier === 0 ? anchor : `${anchor}-${earlier}`]
    }),
  )
}

function paragraphs(parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}
