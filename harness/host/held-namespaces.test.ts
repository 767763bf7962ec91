import { readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { HeldNamespaces } from './held-namespaces.ts'
import { probeNeed } from './needs.ts'
import { identifyProcess, isProcessAlive } from './process-identity.ts'
import { runTool, ToolError } from './tool.ts'

const canMakeThem = (await probeNeed('mount-namespace')).met && (await probeNeed('network-namespace')).met

describe.skipIf(!canMakeThem)('HeldNamespaces', () => {
  test('are others than this process has, as long as they are held', async () => {
    const holder = await HeldNamespaces.open(['net', 'mnt', 'pid'])
    const identity = identifyProcess(holder.pid)
    for (const type of ['net', 'mnt', 'pid'])
      expect(readlinkSync(holder.path(type))).not.toBe(readlinkSync(`/proc/self/ns/${type}`))
    expect(readlinkSync(holder.path('uts'))).toBe(readlinkSync('/proc/self/ns/uts'))
    await holder.release()
    await holder.release()
    expect(identity !== undefined && isProcessAlive(identity)).toBe(false)
  })

  test('a script has prepared them, and commands can enter them', async () => {
    await using holder = await HeldNamespaces.open(['net'], {
      script: 'ip link add "$1" type veth peer name other',
      arguments: ['strange'],
    })
    expect(await runTool([...holder.entering('net'), 'ip', 'link'])).toContain('strange@other')
    expect(await runTool(['ip', 'link'])).not.toContain('strange')
  })

  test('a user namespace has the maps that were asked for', async (context) => {
    context.skip(!(await probeNeed('user-namespace')).met, 'takes user namespaces')
    const idMap = [
      [0, 100_000, 10],
      [10, 200_000, 1],
    ] as const
    await using holder = await HeldNamespaces.open(['user'], { idMap })
    for (const map of ['uid_map', 'gid_map']) {
      const text = readFileSync(`/proc/${holder.pid}/${map}`, 'utf8')
      expect(text.trim().split(/\s+/).map(Number)).toEqual(idMap.flat())
    }
  })

  test('a script that fails is told with what it said', async () => {
    const opening = HeldNamespaces.open(['net'], { script: 'echo no such luck >&2; false' })
    await expect(opening).rejects.toThrow(ToolError)
    await expect(opening).rejects.toThrow('no such luck')
  })

  test('words in front of the command come first', async () => {
    const prefix = ['sh', '-c', 'FROM_PREFIX=yes exec "$0" "$@"']
    await using holder = await HeldNamespaces.open(['net'], { prefix, script: 'test "$FROM_PREFIX" = yes' })
    expect(holder.pid).toBeGreaterThan(0)
  })
})
