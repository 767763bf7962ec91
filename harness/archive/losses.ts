import { displayName } from './entry-name.ts'
import type { UnpackPrivilege } from './privilege.ts'
import type { TarEntry } from './tar/entry.ts'

/**
 * Something of the archive that the rootfs does not have:
 * - `owner`: entries that belong to the unpacking user instead
 * - `device`: device nodes (and hard links to them) that were left out
 * - `attribute`: extended attributes that were not set
 * - `access-list`: POSIX access control lists, which are never unpacked
 * - `other`: what GNU tar warned of
 */
export type LossKind = 'owner' | 'device' | 'attribute' | 'access-list' | 'other'

export interface Loss {
  readonly kind: LossKind
  /** Number of entries concerned. */
  readonly count: number
  /** The first of them, escaped for display; for `other` the warnings themselves. */
  readonly examples: readonly string[]
}

const keptExamples = 3

const descriptions: Readonly<Record<LossKind, string>> = {
  owner: 'belong to the unpacking user instead of their owner',
  device: 'device nodes were left out',
  attribute: 'lost extended attributes',
  'access-list': 'lost their access control list',
  other: 'warnings of GNU tar',
}

/** One line about a loss, for a log or a terminal. */
export function describeLoss({ kind, count, examples }: Loss): string {
  const more = count > examples.length ? ', …' : ''
  return `${count} ${kind === 'device' || kind === 'other' ? '' : 'entries '}${descriptions[kind]}: ${examples.join(', ')}${more}`
}

/** Collects what cannot be kept while the entries of an archive go by. */
export class LossCollector {
  readonly #privilege: UnpackPrivilege
  readonly #uid = process.geteuid?.()
  readonly #gid = process.getegid?.()
  readonly #found = new Map<LossKind, { count: number; examples: string[] }>()
  readonly #leftOut = new Set<string>()

  constructor(privilege: UnpackPrivilege) {
    this.#privilege = privilege
  }

  /**
   * Looks at an entry that was judged.
   *
   * @param name its name below the destination
   * @returns whether it must be left out of the rootfs.
   */
  consider(entry: TarEntry, name: string): 'keep' | 'leave-out' {
    if (this.#mustLeaveOut(entry)) {
      this.#leftOut.add(name)
      this.add('device', displayName(name))
      return 'leave-out'
    }
    if (!this.#privilege.owners && entry.kind !== 'hard-link' && !this.#isOurs(entry))
      this.add('owner', displayName(name))
    if (entry.xattrs.some((xattr) => !this.#canSet(xattr))) this.add('attribute', displayName(name))
    if (entry.hasAccessList) this.add('access-list', displayName(name))
    return 'keep'
  }

  add(kind: LossKind, example: string): void {
    const found = this.#found.get(kind) ?? { count: 0, examples: [] }
    found.count += 1
    if (found.examples.length < keptExamples) found.examples.push(example)
    this.#found.set(kind, found)
  }

  get losses(): readonly Loss[] {
    return [...this.#found].map(([kind, { count, examples }]) => ({ kind, count, examples }))
  }

  #mustLeaveOut(entry: TarEntry): boolean {
    if (this.#privilege.devices) return false
    if (entry.kind === 'character-device' || entry.kind === 'block-device') return true
    return entry.kind === 'hard-link' && this.#leftOut.has(plainName(entry.linkName))
  }

  #isOurs(entry: TarEntry): boolean {
    return entry.uid === this.#uid && entry.gid === this.#gid
  }

  #canSet(xattr: string): boolean {
    // Labels of another host mean nothing here and are not set on purpose.
    return this.#privilege.systemAttributes || xattr.startsWith('user.') || xattr === 'security.selinux'
  }
}

function plainName(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
}
