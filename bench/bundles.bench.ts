import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { loadCatalogue } from '../harness/archive/index.ts'
import { homeDirectories, runTool } from '../harness/host/index.ts'
import { compare, medianTime, report, type Work } from './figure.ts'
import { openPlace } from './place.ts'
import { purpose } from './reference.ts'

const { archives } = homeDirectories()
const busybox = await (await loadCatalogue({ directory: archives })).resolve('busybox')

/** Unpacking an archive with GNU tar, which everybody without a store has to do. */
function unpacking(directory: string, archive: string): Work {
  const target = (number: number) => join(directory, `tar-${number}`)
  return {
    prepare: (number) => mkdirSync(target(number)),
    perform: (number) => runTool(['tar', '-xf', archive, '-C', target(number)]),
  }
}

test('a new busybox bundle', async (context) => {
  await using place = await openPlace()
  const bundles = await place.session.bundles('runc')
  const floor = unpacking(place.directory, busybox.path)
  report(
    context,
    await compare({
      name: 'new busybox bundle, shared rootfs, of tar -xf',
      subject: { perform: (number) => bundles.createBusyboxBundle(`shared-${number}`, ['true']) },
      floor,
      rounds: 60,
      target: 0.35,
    }),
  )
  for (const [rootfs, target] of [
    ['private', 0.6],
    ['copied', 1],
  ] as const) {
    rmSync(place.directory, { recursive: true })
    mkdirSync(place.directory)
    report(
      context,
      await compare({
        name: `new busybox bundle, ${rootfs} rootfs, of tar -xf`,
        subject: {
          perform: (number) =>
            bundles.createBusyboxBundle(`${rootfs}-${number}`, ['true'], undefined, { rootfs }),
          // Beyond a few dozen, private root file systems are copies.
          remove: (number) => bundles.removeBundle(`${rootfs}-${number}`),
        },
        floor,
        rounds: 60,
        target,
      }),
    )
  }
})

test.skipIf(purpose === 'guard')('the same bundle again', async (context) => {
  await using place = await openPlace()
  const bundles = await place.session.bundles('runc')
  const value = await medianTime({ perform: () => bundles.createBusyboxBundle('again', ['true']) }, 500)
  report(context, { name: 'the same bundle again', value, unit: 'ms', target: 0.2 })
})

test.skipIf(purpose === 'guard')('a thousand bundles of one archive', async (context) => {
  await using place = await openPlace()
  const bundles = await place.session.bundles('runc')
  const before = process.memoryUsage().rss
  const startedAt = performance.now()
  for (let number = 0; number < 1000; number += 1) await bundles.createBusyboxBundle(`of-${number}`, ['true'])
  const time = performance.now() - startedAt
  const disk = Number((await runTool(['du', '-sk', place.session.bundlesDirectory])).split('\t')[0]) / 1024
  report(context, { name: 'a thousand bundles, time', value: time, unit: 'ms', target: 4_000 })
  report(context, { name: 'a thousand bundles, disk', value: disk, unit: 'MB', target: 25 })
  const memory = (process.memoryUsage().rss - before) / 2 ** 20
  report(context, {
    name: 'a thousand bundles, memory of this process',
    value: memory,
    unit: 'MB',
    target: 100,
  })
  const closing = performance.now()
  await place.session.close({ deadlineMs: 120_000 })
  report(context, {
    name: 'a thousand bundles, removal',
    value: performance.now() - closing,
    unit: 'ms',
    target: 4_000,
  })
})

test.skipIf(purpose === 'guard')('a root file system of 200 MB', async (context) => {
  await using place = await openPlace()
  const tree = join(place.directory, 'tree')
  for (const name of ['proc', 'sys', 'dev', 'bin']) mkdirSync(join(tree, name), { recursive: true })
  for (let file = 0; file < 200; file += 1)
    writeFileSync(join(tree, 'bin', `file-${file}`), Buffer.alloc(2 ** 20, file))
  const archive = join(archives, 'bench-200-mb.tar')
  await runTool(['tar', '-cf', archive, '-C', tree, '.'])
  try {
    await using inner = await openPlace()
    const bundles = await inner.session.bundles('runc')
    await bundles.createBundleWithFilter('bench-200-mb', 'unpacks', ['true'])
    for (const [what, options] of [
      ['shared', {}],
      ['private', { rootfs: 'private' }],
    ] as const) {
      report(
        context,
        await compare({
          name: `new bundle of 200 MB, ${what} rootfs, of tar -xf`,
          subject: {
            perform: (number) =>
              bundles.createBundleWithFilter(
                'bench-200-mb',
                `${what}-${number}`,
                ['true'],
                undefined,
                options,
              ),
          },
          floor: {
            ...unpacking(place.directory, archive),
            remove: (number) => rmSync(join(place.directory, `tar-${number}`), { recursive: true }),
          },
          rounds: 5,
          target: 0.05,
        }),
      )
    }
  } finally {
    rmSync(archive)
  }
})
