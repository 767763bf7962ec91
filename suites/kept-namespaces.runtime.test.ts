import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { HeldNamespaces } from '../harness/host/index.ts'
import { KeptNamespaces } from './kept-namespaces.ts'

const isRoot = process.geteuid?.() === 0

test.skipIf(!isRoot)('the number of a namespace that is kept is given to no other', async () => {
  const first = await HeldNamespaces.open(['mnt'])
  const number = readlinkSync(`/proc/${first.pid}/ns/mnt`)
  await using _kept = await KeptNamespaces.of(first.pid)
  await first[Symbol.asyncDispose]()
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await using next = await HeldNamespaces.open(['mnt'])
    expect(readlinkSync(`/proc/${next.pid}/ns/mnt`)).not.toBe(number)
  }
})
