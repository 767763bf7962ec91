import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addBindMount,
  addMaskedPaths,
  addReadonlyPaths,
  addTmpfs,
  combine,
  type Edit,
  withLinux,
  withoutValue,
} from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { shell } from './programs.ts'

/**
 * A directory that is bound to /mnt: three files and two directories with a file each, of which the tests hide or
 * protect some and leave the others as they are.
 */
async function treeOf({ temporaryDirectory }: TestContext): Promise<Edit> {
  const tree = await temporaryDirectory()
  for (const name of ['first', 'second', 'third']) await writeFile(join(tree, name), `content of ${name}\n`)
  for (const name of ['directory', 'neighbour']) {
    await mkdir(join(tree, name))
    await writeFile(join(tree, name, 'file'), `content below ${name}\n`)
  }
  return addBindMount(tree, '/mnt')
}

const allMasked = ['/mnt/first', '/mnt/directory', '/mnt/third']

/** Prints what of the tree can be read, and that it has come to its end. */
const reading = 'cat /mnt/first /mnt/second /mnt/third /mnt/*/file 2>/dev/null; echo read'

/** Writes to each path that is named and says for each whether that worked. */
function writingTo(...files: readonly string[]): string {
  return `for file in ${files.join(' ')}; do if echo text 2>/dev/null > $file; then echo $file; else echo "not $file"; fi; done`
}

const written = ['/mnt/first', '/mnt/second', '/mnt/third', '/mnt/directory/file', '/mnt/neighbour/new']

export const maskedReadonlyPaths = suite('masked-readonly-paths', ({ test }) => {
  test('masked files and directories cannot be read and their neighbours can', {
    covers: ['maskedpaths-optional'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const tree = await treeOf(context)
    await control('everything can be read that is not masked', async () => {
      const lines = (await runtime.run(await bundles.busybox('unmasked', shell(reading), tree))).stdout
      expect(lines.split('\n')).toHaveLength(7)
    })
    const masked = combine(tree, addMaskedPaths(...allMasked))
    const bundle = await bundles.busybox('masked', shell(reading), masked)
    expect(await runtime.run(bundle)).toHavePrinted('content of second\ncontent below neighbour\nread\n')
  })

  test('a masked directory is empty', { covers: ['maskedpaths-optional'] }, async (context) => {
    const { bundles, runtime, expect } = context
    const script = 'ls -A /mnt/directory 2>/dev/null; ls -A /mnt/neighbour'
    const edit = combine(await treeOf(context), addMaskedPaths('/mnt/directory'))
    expect(await runtime.run(await bundles.busybox('empty', shell(script), edit))).toHavePrinted('file\n')
  })

  test('a path can be masked below a directory that is not', {
    covers: ['maskedpaths-optional'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await treeOf(context), addMaskedPaths('/mnt/directory/file'))
    expect(await runtime.run(await bundles.busybox('below', shell(reading), edit))).toHavePrinted(
      'content of first\ncontent of second\ncontent of third\ncontent below neighbour\nread\n',
    )
  })

  test('a file of the proc file system can be masked', {
    covers: ['maskedpaths-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    const bundle = (name: string, maskedPaths: string[]) =>
      bundles.busybox(name, shell('cat /proc/version 2>/dev/null; echo read'), withLinux({ maskedPaths }))
    await control('the file says something', async () => {
      expect(await runtime.run(await bundle('proc-unmasked', []))).toHavePrinted(/^Linux.*\nread\n$/)
    })
    expect(await runtime.run(await bundle('proc-masked', ['/proc/version']))).toHavePrinted('read\n')
  })

  test('an executed process cannot read what is masked, either', {
    covers: ['maskedpaths-optional'],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await treeOf(context), addMaskedPaths(...allMasked))
    const container = await runtime.create(await bundles.busybox('sleeping-masked', ['sleep', '1000'], edit))
    await container.start()
    expect(await container.exec(shell(reading))).toHavePrinted(
      'content of second\ncontent below neighbour\nread\n',
    )
  })

  test('read-only files and directories cannot be written to and their neighbours can', {
    covers: ['readonlypaths-optional'],
  }, async (context) => {
    const { bundles, runtime, control, expect } = context
    const tree = await treeOf(context)
    const script = shell(writingTo(...written))
    await control('everything can be written to that is not protected', async () => {
      const result = await runtime.run(await bundles.busybox('writable', script, tree))
      expect(result).toHavePrinted(written.map((file) => `${file}\n`).join(''))
    })
    const edit = combine(tree, addReadonlyPaths('/mnt/first', '/mnt/third', '/mnt/directory'))
    expect(await runtime.run(await bundles.busybox('protected', script, edit))).toHavePrinted(
      'not /mnt/first\n/mnt/second\nnot /mnt/third\nnot /mnt/directory/file\n/mnt/neighbour/new\n',
    )
  })

  test('nothing can be made in a read-only directory, or taken out of it', {
    covers: ['readonlypaths-optional'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await treeOf(context), addReadonlyPaths('/mnt/directory'))
    const script = [
      'touch /mnt/directory/new 2>/dev/null || echo not made',
      'rm /mnt/directory/file 2>/dev/null || echo not removed',
      'touch /mnt/neighbour/new && rm /mnt/neighbour/file && echo changed',
    ].join('; ')
    expect(await runtime.run(await bundles.busybox('locked', shell(script), edit))).toHavePrinted(
      'not made\nnot removed\nchanged\n',
    )
  })

  test('a read-only path can still be read', { covers: ['readonlypaths-optional'] }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await treeOf(context), addReadonlyPaths('/mnt/first', '/mnt/directory'))
    const bundle = await bundles.busybox('readable', shell('cat /mnt/first /mnt/directory/file'), edit)
    expect(await runtime.run(bundle)).toHavePrinted('content of first\ncontent below directory\n')
  })

  test('a part of the proc file system can be read-only', {
    covers: ['readonlypaths-optional'],
    needs: ['runtime:host-kernel'],
  }, async ({ bundles, runtime, control, expect }) => {
    // The parameter belongs to the container's own ipc namespace: nobody else sees it changed.
    const script = 'cd /proc/sys/kernel; echo 8009 2>/dev/null > msgmax; cat msgmax'
    const bundle = (name: string, readonlyPaths: string[]) =>
      bundles.busybox(name, shell(script), withLinux({ readonlyPaths }))
    await control('the parameter can be changed otherwise', async () => {
      expect(await runtime.run(await bundle('proc-writable', []))).toHavePrinted('8009\n')
    })
    expect((await runtime.run(await bundle('proc-readonly', ['/proc/sys']))).stdout).toMatch(
      /^(?!8009)\d+\n$/,
    )
  })

  test('an executed process cannot write to what is read-only, either', {
    covers: ['readonlypaths-optional'],
    needs: ['runtime:exec'],
  }, async (context) => {
    const { bundles, runtime, expect } = context
    const edit = combine(await treeOf(context), addReadonlyPaths('/mnt/first'))
    const container = await runtime.create(
      await bundles.busybox('sleeping-protected', ['sleep', '1000'], edit),
    )
    await container.start()
    expect(await container.exec(shell(writingTo('/mnt/first', '/mnt/second')))).toHavePrinted(
      'not /mnt/first\n/mnt/second\n',
    )
  })

  const lists: Readonly<
    Record<
      string,
      { readonly kind: 'masked' | 'readonly'; readonly add: (...paths: readonly string[]) => Edit }
    >
  > = {
    masked: { kind: 'masked', add: addMaskedPaths },
    'read-only': { kind: 'readonly', add: addReadonlyPaths },
  }
  for (const [word, { kind, add }] of Object.entries(lists)) {
    test(`a ${word} path that does not exist is passed over`, {
      covers: [`${kind}paths-optional`],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const edit = combine(await treeOf(context), add('/mnt/nowhere', '/mnt/nowhere/either', '/mnt/first'))
      const script = '(echo text > /mnt/first) 2>/dev/null; cat /mnt/first 2>/dev/null; echo ran; ls /mnt'
      const { stdout } = await runtime.run(await bundles.busybox(`${kind}-nowhere`, shell(script), edit))
      const content = kind === 'masked' ? '' : 'content of first\n'
      expect(stdout).toBe(`${content}ran\ndirectory\nfirst\nneighbour\nsecond\nthird\n`)
    })

    test(`a ${word} path that is not absolute is refused`, {
      covers: [`${kind}paths-absolute`],
    }, async (context) => {
      await expectFaultRefused(context, `relative ${kind}`, add('proc/version'), add('/proc/version'))
    })

    test(`a configuration without ${word} paths is accepted`, {
      covers: [`${kind}paths-optional`],
    }, async (context) => {
      const { bundles, runtime, expect } = context
      const edit = combine(withoutValue(`linux.${kind}Paths`), addTmpfs('/mnt'))
      const script = 'echo text > /mnt/file && cat /mnt/file'
      const bundle = await bundles.busybox(`no-${kind}`, shell(script), edit)
      expect(await runtime.run(bundle)).toHavePrinted('text\n')
    })
  }
})
