import { expect, test } from 'vitest'
import { parseMountInfo } from './mounts.ts'
import { placeInMemory } from './place-in-memory.ts'

const run = '24 1 0:22 / /run rw,nosuid,nodev - tmpfs tmpfs rw\n'
const runWithoutPrograms = '24 1 0:22 / /run rw,nosuid,nodev,noexec - tmpfs tmpfs rw\n'
const runOnDisk = '24 1 254:1 /run /run rw - ext4 /dev/vda rw\n'
const shared = '25 1 0:23 / /dev/shm rw,nosuid,nodev - tmpfs tmpfs rw\n'
const sharedWithoutPrograms = '25 1 0:23 / /dev/shm rw,nosuid,nodev,noexec - tmpfs shm rw,size=65536k\n'

test.each([
  ['of a usual host is /run', run + shared, '/run'],
  ['of a host whose /run runs no programs is the other', runWithoutPrograms + shared, '/dev/shm'],
  ['of a container whose /run is on a disk is the other', shared, '/dev/shm'],
  ['is none where one is on a disk and the other runs no programs', sharedWithoutPrograms, undefined],
  ['is what was mounted last', run + runOnDisk + shared, '/dev/shm'],
])('the place in memory %s', (_, mounts, place) => {
  expect(placeInMemory(parseMountInfo(mounts))).toBe(place)
})
