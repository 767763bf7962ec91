import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArchiveCorruptError } from '../archive/index.ts'
import { unpackedImage } from './kernel-image.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-image-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

const kernel = Buffer.from('\x7fELF and much else\x04\0\0\0\x08\0\0\0\x12\0\0\0Xen\0 the entry', 'latin1')
const size = Buffer.alloc(4)

/** An image as a boot loader reads it, with a packed kernel in it and something behind that. */
function imageOf(payload: Buffer, length = payload.length): string {
  const setup = Buffer.alloc(3 * 512)
  setup.writeUInt8(2, 0x1f1)
  setup.write('HdrS', 0x202, 'latin1')
  setup.writeUInt32LE(100, 0x248)
  setup.writeUInt32LE(length, 0x24c)
  const image = join(directory, 'vmlinuz')
  writeFileSync(image, Buffer.concat([setup, Buffer.alloc(100, 'x'), payload, Buffer.alloc(50, 'y')]))
  return image
}

async function packedBy(program: string): Promise<Buffer> {
  const { stdout } = await execa(program, ['-c'], { input: kernel, encoding: 'buffer' })
  return Buffer.from(stdout)
}

describe('a kernel is unpacked from its image', () => {
  test('when gzip has packed it', async () => {
    await expect(unpackedImage(imageOf(gzipSync(kernel)))).resolves.toEqual(kernel)
  })

  test.each(['xz', 'zstd'])('when %s has packed it, and its size follows', async (program) => {
    const image = imageOf(Buffer.concat([await packedBy(program), size]))
    await expect(unpackedImage(image)).resolves.toEqual(kernel)
  })
})

describe('a kernel is left as it is', () => {
  test('when something has packed it that is not known', async () => {
    await expect(unpackedImage(imageOf(Buffer.alloc(64, 'z')))).resolves.toBeUndefined()
  })

  test('when it cannot be booted unpacked', async () => {
    const other = gzipSync(Buffer.from('\x7fELF without a note', 'latin1'))
    await expect(unpackedImage(imageOf(other))).resolves.toBeUndefined()
  })
})

describe('an image is refused', () => {
  test('when it is damaged', async () => {
    const packed = gzipSync(Buffer.alloc(10_000, 'kernel'))
    packed.fill(0xff, 20)
    await expect(unpackedImage(imageOf(packed))).rejects.toThrow(ArchiveCorruptError)
  })

  test('when it says that more is in it than there is', async () => {
    await expect(unpackedImage(imageOf(gzipSync(kernel), 100_000))).rejects.toThrow('is no image of a Linux')
  })
})
