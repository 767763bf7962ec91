import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { ArchiveToolError, plainBytes } from '../archive/index.ts'
import { NoVirtualMachineError } from './errors.ts'

/** Where the fields of an image's header lie that matter here. */
const fields = {
  setupSectors: 0x1f1,
  mark: 0x202,
  versionPointer: 0x20e,
  payloadOffset: 0x248,
  payloadLength: 0x24c,
} as const
const headerBytes = 0x250
/** What the version's place is counted from. */
const versionStart = 0x200
const longestVersion = 256
const sectorBytes = 512

/**
 * The release that an image says of itself.
 *
 * @throws NoVirtualMachineError when it is no image of a kernel
 * @see Documentation/arch/x86/boot.rst of the kernel: `kernel_version`
 */
export function imageRelease(image: string): string {
  const header = headerOf(image)
  const text = bytesAt(image, header.readUInt16LE(fields.versionPointer) + versionStart, longestVersion)
  const [release = ''] = text.toString('latin1').split(/[ \0]/)
  if (release === '') throw noKernel(image)
  return release
}

/**
 * The kernel that is packed in an image, as the emulator boots it without what unpacks it there: under emulation that
 * takes as long as the rest of the kernel's start.
 *
 * @returns undefined when it is packed in a way that nothing here unpacks, or cannot be booted without its packing
 * @throws NoVirtualMachineError when it is no image of a kernel; ArchiveCorruptError when it is damaged
 * @see Documentation/arch/x86/boot.rst of the kernel: `payload_offset`
 */
export async function unpackedImage(image: string): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of plainBytes(payloadOf(image), { archive: image })) chunks.push(chunk)
  } catch (error) {
    if (error instanceof ArchiveToolError) return undefined
    throw error
  }
  const kernel = Buffer.concat(chunks)
  return isBootable(kernel) ? kernel : undefined
}

/** What ends a packed kernel but for gzip's, which ends so by itself: the size of what is in it. */
const sizeBytes = 4
const gzipMark = Buffer.from('1f8b', 'hex')

function payloadOf(image: string): {
  readonly path: string
  readonly offset: number
  readonly length: number
} {
  const header = headerOf(image)
  const sectors = header.readUInt8(fields.setupSectors) || 4
  const offset = (sectors + 1) * sectorBytes + header.readUInt32LE(fields.payloadOffset)
  const isGzip = bytesAt(image, offset, gzipMark.length).equals(gzipMark)
  const length = header.readUInt32LE(fields.payloadLength) - (isGzip ? 0 : sizeBytes)
  if (length <= 0 || offset + length > statSync(image).size) throw noKernel(image)
  return { path: image, offset, length }
}

const elfMark = Buffer.from('\x7fELF', 'latin1')
/** The note that says where to enter a kernel that was not packed: XEN_ELFNOTE_PHYS32_ENTRY, of `Xen`. */
const entryNote = Buffer.from('\x12\0\0\0Xen\0', 'latin1')

function isBootable(kernel: Buffer): boolean {
  return kernel.subarray(0, elfMark.length).equals(elfMark) && kernel.includes(entryNote)
}

function headerOf(image: string): Buffer {
  const header = bytesAt(image, 0, headerBytes)
  if (header.toString('latin1', fields.mark, fields.mark + 4) !== 'HdrS') throw noKernel(image)
  return header
}

function noKernel(image: string): NoVirtualMachineError {
  return new NoVirtualMachineError(`${image} is no image of a Linux kernel: give a vmlinuz`)
}

/** Bytes of a file, zeros behind its end. */
function bytesAt(path: string, offset: number, length: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(length)
    readSync(descriptor, bytes, 0, length, offset)
    return bytes
  } finally {
    closeSync(descriptor)
  }
}
