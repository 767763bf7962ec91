import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeEach, describe, expect, test } from 'vitest'
import { createPipe, until } from '../host/index.ts'
import { installedRuntimes, shell, sleeping, Workshop, whyNoContainers } from './driver.fixture.ts'
import type { Runtime } from './runtime.ts'

describe.each(await installedRuntimes())('standard streams with $name', (resolved) => {
  let workshop: Workshop
  let runtime: Runtime

  beforeEach((context) => {
    const reason = whyNoContainers()
    context.skip(reason !== undefined, reason)
    workshop = new Workshop(resolved)
    runtime = workshop.driver()
    return async () => expect(await workshop.close()).toEqual([])
  })

  test('output is captured apart, can be read while the container runs, and after it was deleted', async () => {
    const container = await runtime.create(workshop.bundle(shell('echo out; echo err >&2; sleep 600')))
    await container.start()
    await until(async () => (await container.init.stderr()) === 'err\n', {
      timeoutMs: 10_000,
      what: 'its output',
    })
    expect(await container.init.stdout()).toBe('out\n')
    await container.delete({ force: true })
    expect(await container.init.stdout()).toBe('out\n')
    expect(await container.wait()).toMatchObject({ stdout: 'out\n', stderr: 'err\n' })
  })

  test('a process that opens its output once more tears no hole into it', async () => {
    const script = 'echo one; echo two > /proc/self/fd/1; echo three'
    await using container = await runtime.runDetached(workshop.bundle(shell(script)))
    // As with any file, opening it to write empties it; what is written through the first descriptor comes behind.
    expect((await container.wait()).stdout).toBe('two\nthree\n')
  })

  test('a program gets an empty input unless told', async () => {
    expect(await runtime.run(workshop.bundle(['cat']))).toMatchObject({ exitCode: 0, stdout: '' })
  })

  test('bytes that are no UTF-8 are replaced', async () => {
    const result = await runtime.run(workshop.bundle(shell(`printf 'a\\377b'`)))
    expect(result.stdout).toBe('a\uFFFDb')
  })

  test('no more is read than was asked for, and what was cut is said', async () => {
    const bundle = workshop.bundle(shell('head -c 1000000 /dev/zero | tr "\\0" x'))
    const result = await runtime.run(bundle, { maxBytes: 10 })
    expect(result.stdout).toBe('xxxxxxxxxx\n[cut here: 999990 more bytes]')
    await using container = await runtime.runDetached(bundle)
    await container.wait()
    expect(await container.init.stdout({ maxBytes: 3 })).toBe('xxx\n[cut here: 999997 more bytes]')
  })

  test('the output of a detached container holds up neither create nor run', async () => {
    await using created = await runtime.create(workshop.bundle(sleeping), { timeoutMs: 10_000 })
    await using running = await runtime.runDetached(workshop.bundle(sleeping), { timeoutMs: 10_000 })
    expect(created.init.isAlive() && running.init.isAlive()).toBe(true)
  })

  test('a descendant that holds the output does not hold up the end of a process', async () => {
    await using container = await runtime.runDetached(workshop.bundle(sleeping))
    const process = await container.spawn(shell('sleep 600 & echo done'))
    expect(await process.wait({ timeoutMs: 10_000 })).toMatchObject({ exitCode: 0, stdout: 'done\n' })
  })

  test('pipes carry both ways, and their ends are seen', async () => {
    await using container = await runtime.create(workshop.bundle(shell('cat; echo end')), {
      stdin: 'pipe',
      stdout: 'pipe',
    })
    await container.start()
    const { stdin, stdout, stderr } = container.init.streams
    expect(stderr).toBeUndefined()
    if (stdin === undefined || stdout === undefined) throw new Error('pipes were asked for')
    const large = 'x'.repeat(1_000_000)
    stdin.end(large)
    expect(await text(stdout)).toBe(`${large}end\n`)
    expect((await container.wait()).exitCode).toBe(0)
    await expect(container.init.stdout()).rejects.toMatchObject({ code: 'OUTPUT_NOT_CAPTURED' })
  })

  test('a foreground run hands out its pipes as soon as it runs', async () => {
    const outputs: Promise<string>[] = []
    const result = await runtime.run(workshop.bundle(['cat']), {
      stdin: 'pipe',
      stdout: 'pipe',
      started: ({ stdin, stdout }) => {
        stdin?.end('there and back')
        if (stdout !== undefined) outputs.push(text(stdout))
      },
    })
    expect(result.exitCode).toBe(0)
    expect(await Promise.all(outputs)).toEqual(['there and back'])
  })

  test('writing to a container that has ended does not end the test run', async () => {
    await using container = await runtime.runDetached(workshop.bundle(['true']), { stdin: 'pipe' })
    await container.wait()
    const { stdin } = container.init.streams
    const error = await new Promise<Error | null | undefined>((resolve) =>
      stdin?.write('x'.repeat(100_000), resolve),
    )
    expect(error).toMatchObject({ code: 'EPIPE' })
  })

  test('files are read from and appended to', async () => {
    const input = join(workshop.directory, 'input')
    const output = join(workshop.directory, 'output')
    writeFileSync(input, 'given\n')
    writeFileSync(output, 'before\n')
    await using container = await runtime.runDetached(workshop.bundle(shell('cat; echo err >&2')), {
      stdin: { file: input },
      stdout: { file: output },
      stderr: { file: output },
    })
    expect(await container.wait()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(readFileSync(output, 'utf8')).toBe('before\ngiven\nerr\n')
  })

  test('a file that is not there to be read is an error that leaves nothing', async () => {
    const missing = join(workshop.directory, 'missing')
    await expect(runtime.create(workshop.bundle(['cat']), { stdin: { file: missing } })).rejects.toThrow(
      /ENOENT.*missing/,
    )
    expect(await runtime.list()).toEqual([])
  })

  test("descriptors are passed on and stay the caller's", async () => {
    const file = join(workshop.directory, 'output')
    const descriptor = openSync(file, 'w')
    await runtime.run(workshop.bundle(['echo', 'here']), { stdout: { descriptor } })
    writeFileSync(descriptor, 'there\n')
    closeSync(descriptor)
    expect(readFileSync(file, 'utf8')).toBe('here\nthere\n')
  })

  test('ignored output goes nowhere', async () => {
    await using container = await runtime.create(workshop.bundle(['echo', 'here']), { stdout: 'ignore' })
    await container.start()
    expect(await container.wait()).toMatchObject({ exitCode: 0, stdout: '' })
    expect(existsSync(join(runtime.directory, container.id, 'stdout'))).toBe(false)
  })

  test('preserved descriptors arrive from 3 on, in order', async () => {
    const first = createPipe()
    const second = createPipe()
    const preserveDescriptors = [first.writable, second.writable]
    const bundle = workshop.bundle(shell('echo three >&3; echo four >&4; ls /proc/self/fd | wc -l'))
    await runtime.run(bundle, { preserveDescriptors })
    for (const { writable } of [first, second]) closeSync(writable)
    expect([first, second].map(({ readable }) => readFileSync(readable, 'utf8'))).toEqual([
      'three\n',
      'four\n',
    ])
    for (const { readable } of [first, second]) closeSync(readable)
  })
})
