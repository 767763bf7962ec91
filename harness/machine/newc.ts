/** A file, directory or link of an initial root file system. */
export type InitialEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly content: Buffer }

const typeBits = { directory: 0o040000, file: 0o100000 } as const
const directoryMode = 0o755
const endOfArchive = 'TRAILER!!!'
const alignment = 4

/**
 * Writes an archive that the kernel unpacks as its initial root file system: everything belongs to root.
 *
 * @param entries parents before what is in them; paths without a leading slash
 * @see Documentation/driver-api/early-userspace/buffer-format.rst of the kernel
 */
export function writeInitialArchive(entries: readonly InitialEntry[]): Buffer {
  const files = entries.map((entry, position) => {
    const content = entry.kind === 'file' ? entry.content : Buffer.alloc(0)
    const mode = typeBits[entry.kind] | (entry.kind === 'file' ? entry.mode : directoryMode)
    return member({ inode: position + 1, mode, path: entry.path, content })
  })
  return Buffer.concat([
    ...files,
    member({ inode: 0, mode: 0, path: endOfArchive, content: Buffer.alloc(0) }),
  ])
}

interface Member {
  readonly inode: number
  readonly mode: number
  readonly path: string
  readonly content: Buffer
}

/** The header's thirteen numbers are eight hexadecimal digits each; name and content are padded to four bytes. */
function member({ inode, mode, path, content }: Member): Buffer {
  const name = Buffer.from(`${path}\0`)
  const [user, group, links, modified] = [0, 0, 1, 0]
  const [deviceMajor, deviceMinor, ownMajor, ownMinor, checksum] = [0, 0, 0, 0, 0]
  const numbers = [
    ...[inode, mode, user, group, links, modified, content.length],
    ...[deviceMajor, deviceMinor, ownMajor, ownMinor, name.length, checksum],
  ]
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(content)])
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & (alignment - 1))])
}
