import { createHash, type Hash } from 'node:crypto'
import type { EntryKind, TarEntry } from './entry.ts'

/** The first character of a line of GNU tar's long listing. */
const letters: Readonly<Record<EntryKind, string>> = {
  file: '-',
  'hard-link': 'h',
  'symbolic-link': 'l',
  'character-device': 'c',
  'block-device': 'b',
  directory: 'd',
  fifo: 'p',
}

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/**
 * Compares what was judged with what GNU tar says it unpacked (`-vv --quoting-style=c`): kind, name and link target of
 * every entry, in order. Two readers of one archive can be made to see different entries in it, and then the one that
 * judges protects nothing. Only digests are kept, so a million entries take no memory.
 */
export class Transcript {
  readonly #judged = createHash('sha256')
  readonly #unpacked = createHash('sha256')
  #rest = ''

  addJudged({ kind, name, linkName }: TarEntry): void {
    const isLink = kind === 'hard-link' || kind === 'symbolic-link'
    add(this.#judged, letters[kind], name, isLink ? linkName : '')
  }

  /** Takes the next part of GNU tar's standard output. */
  addListing(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#addLine(line)
  }

  /** To be asked once, when both sides are complete. */
  agrees(): boolean {
    return this.#rest === '' && this.#judged.digest().equals(this.#unpacked.digest())
  }

  #addLine(line: string): void {
    // Directories that the archive does not list but implies are announced without an owner.
    if (/^drwx\S+ +Creating directory: /.test(line)) return
    const [name = '', linkName = ''] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
      unquote(quoted),
    )
    add(this.#unpacked, line.slice(0, 1), name, linkName)
  }
}

function add(hash: Hash, letter: string, name: string, linkName: string): void {
  // NUL is in no name that was judged, so the fields cannot be taken for one another.
  hash.update(`${letter}${name}\0${linkName}\0`, 'latin1')
}

function unquote(text: string): string {
  return text.replace(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, character: string) =>
    octal === undefined ? (escapes[character] ?? character) : String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
