import { displayName } from '../entry-name.ts'
import { ArchiveRefusedError } from '../errors.ts'
import type { TarEntry } from '../tar/entry.ts'
import { hardLinkTarget } from '../tar/judge.ts'

/** An entry of a layer, and which layer it lies in. */
export interface LayerEntry {
  readonly entry: TarEntry
  /** Its name as `entryPath` gives it. */
  readonly parts: readonly string[]
  readonly layer: number
}

/** What is not a directory. All hard links of a file lead to the same object. */
interface FileNode {
  readonly kind: 'file'
  readonly content: LayerEntry
}

interface DirectoryNode {
  readonly kind: 'directory'
  /** Undefined for one that no layer lists but something lies in. */
  content: LayerEntry | undefined
  readonly children: Map<string, FileNode | DirectoryNode>
}

/** A name of the image's root file system, and what the archive of it must say there. */
export type TreeEntry =
  | { readonly kind: 'entry'; readonly path: string; readonly content: LayerEntry }
  | { readonly kind: 'implied-directory'; readonly path: string }
  | { readonly kind: 'hard-link'; readonly path: string; readonly target: string }

const whiteout = '.wh.'
const opaque = '.wh..wh..opq'
/** Bookkeeping of AUFS, which is no part of the file system. */
const reserved = '.wh..wh.'

/** As many as the kernel follows, path_resolution(7). */
const mostLinks = 40

/**
 * The root file system that layers give when applied in order, without unpacking them (image-spec, layer.md): an entry
 * replaces what lies under its name, except that a directory over a directory keeps what is in it; `.wh.NAME` removes
 * NAME of the layers below, `.wh..wh..opq` all that they have in its directory. Symbolic links above an entry are
 * followed inside the tree, as engines do when they apply a layer.
 */
export class LayerTree {
  readonly #archive: string
  readonly #root: DirectoryNode = newDirectory(undefined)

  constructor(archive: string) {
    this.#archive = archive
  }

  /**
   * Applies the next layer.
   *
   * @throws ArchiveRefusedError for an entry that cannot be placed.
   */
  apply(entries: readonly LayerEntry[]): void {
    const placed: LayerEntry[] = []
    // Whiteouts are for the layers below only, wherever in the layer they stand.
    for (const one of entries) {
      if (one.parts.some((part) => part.startsWith(whiteout))) this.#applyWhiteout(one)
      else placed.push(one)
    }
    for (const one of placed) this.#place(one)
  }

  /** All names in order, each directory before what lies in it and each file before its hard links. */
  *entries(): Generator<TreeEntry, void, undefined> {
    yield* walk('', this.#root, new Map())
  }

  #applyWhiteout(one: LayerEntry): void {
    const name = one.parts.at(-1) ?? ''
    const above = one.parts.slice(0, -1)
    if (name === opaque) {
      this.#directory(one, above, 'find')?.children.clear()
      return
    }
    if (one.parts.some((part) => part.startsWith(reserved))) return
    const hidden = name.slice(whiteout.length)
    if (
      above.some((part) => part.startsWith(whiteout)) ||
      !name.startsWith(whiteout) ||
      ['', '.', '..'].includes(hidden)
    ) {
      throw this.#refused(one, 'is no valid whiteout')
    }
    this.#directory(one, above, 'find')?.children.delete(hidden)
  }

  #place(one: LayerEntry): void {
    const name = one.parts.at(-1)
    if (name === undefined) {
      if (one.entry.kind !== 'directory')
        throw this.#refused(one, `is a ${one.entry.kind} in place of the root`)
      this.#root.content = one
      return
    }
    const parent = this.#directory(one, one.parts.slice(0, -1), 'make')
    const existing = parent.children.get(name)
    if (one.entry.kind !== 'directory') parent.children.set(name, this.#fileNode(one))
    else if (existing?.kind === 'directory') existing.content = one
    else parent.children.set(name, newDirectory(one))
  }

  #fileNode(one: LayerEntry): FileNode {
    if (one.entry.kind !== 'hard-link') return { kind: 'file', content: one }
    const target = hardLinkTarget(this.#archive, one.entry)
    const found = this.#directory(one, target.slice(0, -1), 'find')?.children.get(target.at(-1) ?? '')
    if (found?.kind === 'file') return found
    throw this.#refused(
      one,
      `is a hard link to ${displayName(one.entry.linkName)}, which is no file of the image`,
    )
  }

  #directory(one: LayerEntry, parts: readonly string[], how: 'make'): DirectoryNode
  #directory(one: LayerEntry, parts: readonly string[], how: 'find'): DirectoryNode | undefined
  #directory(one: LayerEntry, parts: readonly string[], how: 'make' | 'find'): DirectoryNode | undefined {
    const ahead = parts.toReversed()
    const path: Path = [this.#root]
    let links = 0
    for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
      const next = how === 'make' ? childOrNew(path, part) : child(path, part)
      if (next === undefined) return undefined
      if (next.kind === 'directory') enter(path, part, next)
      else {
        links += 1
        const target = this.#linkTarget(one, next, links)
        if (target.startsWith('/')) path.splice(1)
        ahead.push(...target.split('/').filter(isName).toReversed())
      }
    }
    return last(path)
  }

  #linkTarget(one: LayerEntry, { content }: FileNode, links: number): string {
    const above = displayName(content.entry.name)
    if (content.entry.kind !== 'symbolic-link')
      throw this.#refused(one, `lies below ${above}, which is a ${content.entry.kind}`)
    if (links > mostLinks)
      throw this.#refused(one, `lies below ${above}, a symbolic link that leads in a circle`)
    return content.entry.linkName
  }

  #refused({ entry }: LayerEntry, reason: string): ArchiveRefusedError {
    return new ArchiveRefusedError(this.#archive, displayName(entry.name), reason)
  }
}

function newDirectory(content: LayerEntry | undefined): DirectoryNode {
  return { kind: 'directory', content, children: new Map() }
}

/** The root and the directories below it on the way to somewhere. */
type Path = [DirectoryNode, ...DirectoryNode[]]

function last(path: Path): DirectoryNode {
  return path.at(-1) ?? path[0]
}

function isName(part: string): boolean {
  return part !== '' && part !== '.'
}

/** What lies under a name; under `..` the directory above, and above the root the root. */
function child(path: Path, part: string): FileNode | DirectoryNode | undefined {
  return part === '..' ? (path.at(-2) ?? path[0]) : last(path).children.get(part)
}

function childOrNew(path: Path, part: string): FileNode | DirectoryNode {
  const found = child(path, part)
  if (found !== undefined) return found
  const made = newDirectory(undefined)
  last(path).children.set(part, made)
  return made
}

function enter(path: Path, part: string, directory: DirectoryNode): void {
  if (part !== '..') path.push(directory)
  else if (path.length > 1) path.pop()
}

function* walk(
  path: string,
  directory: DirectoryNode,
  firstNames: Map<LayerEntry, string>,
): Generator<TreeEntry, void, undefined> {
  const { content } = directory
  yield content === undefined ? { kind: 'implied-directory', path } : { kind: 'entry', path, content }
  for (const [name, node] of [...directory.children].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const below = path === '' ? name : `${path}/${name}`
    if (node.kind === 'directory') yield* walk(below, node, firstNames)
    else yield fileEntry(below, node, firstNames)
  }
}

function fileEntry(path: string, { content }: FileNode, firstNames: Map<LayerEntry, string>): TreeEntry {
  const target = firstNames.get(content)
  if (target !== undefined) return { kind: 'hard-link', path, target }
  firstNames.set(content, path)
  return { kind: 'entry', path, content }
}
