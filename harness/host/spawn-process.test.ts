import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess, packageDirectory } from './index.ts'
import { collectProcess, type ProcessRequest, SpawnError, spawnProcess } from './spawn-process.ts'
import { waitForEnd } from './wait-for-exit.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'runwright-spawn-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true })
})

/** Runs a script and gives how it ended, and what it wrote. */
async function run(script: string, more: Partial<ProcessRequest> = {}) {
  const file = join(directory, 'output')
  const output = openSync(file, 'a+')
  const pid = await spawnProcess({
    program: '/bin/sh',
    args: ['-c', script],
    environment: process.env,
    workingDirectory: directory,
    descriptors: ['ignore', output, output],
    ...more,
  })
  const identity = identifyProcess(pid, { ended: true })
  if (identity !== undefined) await waitForEnd(identity)
  const status = collectProcess(pid)
  closeSync(output)
  return { pid, status, output: readFileSync(file, 'utf8') }
}

describe('spawnProcess', () => {
  test('passes words on as they are', async () => {
    const words = ['', 'a b', "it's", '$HOME', '*', 'ünï', '\n', '-x']
    const { output } = await run('', { args: ['-c', `printf '[%s]' "$@"`, 'sh', ...words] })
    expect(output).toBe(words.map((word) => `[${word}]`).join(''))
  })

  test('gives exactly the environment it is told', async () => {
    const { output } = await run('/usr/bin/env', { environment: { A: '1', B: undefined, C: 'x=y z', D: '' } })
    expect(
      output
        .trim()
        .split('\n')
        .filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line))
        .sort(),
    ).toEqual(['A=1', 'C=x=y z', 'D='])
  })

  test('runs it in the directory, and leaves ours alone', async () => {
    const before = process.cwd()
    expect((await run('pwd -P', { workingDirectory: '/usr' })).output).toBe('/usr\n')
    expect(process.cwd()).toBe(before)
  })

  test('gives it a process group of its own in our session', async () => {
    const { pid, output } = await run('ps -o pgid=,sid= -p $$')
    const own = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[3]
    expect(output.trim().split(/\s+/)).toEqual([String(pid), own])
  })

  test('gives it its descriptors in any order, and none of ours beside them', async () => {
    const [first, second] = ['first', 'second'].map((name) => openSync(join(directory, name), 'w+')) as [
      number,
      number,
    ]
    const script = 'echo to 3 >&3; echo to 4 >&4; ls /proc/$$/fd'
    const file = openSync(join(directory, 'list'), 'w')
    // Sources that are each other's places.
    const descriptors: ProcessRequest['descriptors'] = ['ignore', file, 'ignore', second, first]
    await run(script, { descriptors })
    for (const descriptor of [file, first, second]) closeSync(descriptor)
    expect(readFileSync(join(directory, 'second'), 'utf8')).toBe('to 3\n')
    expect(readFileSync(join(directory, 'first'), 'utf8')).toBe('to 4\n')
    const list = readFileSync(join(directory, 'list'), 'utf8').trim().split('\n')
    expect(list).toEqual(expect.arrayContaining(['0', '1', '2', '3', '4']))
    for (const descriptor of [file, first, second]) expect(list).not.toContain(String(descriptor))
  })

  test('our own descriptor numbers may be exchanged', async () => {
    const file = join(directory, 'exchanged')
    const output = openSync(file, 'w')
    await run('readlink /proc/self/fd/0 >&2', { descriptors: [2, 'ignore', output] })
    closeSync(output)
    expect(readFileSync(file, 'utf8').trim()).toBe(readlinkSync('/proc/self/fd/2'))
  })

  test('an ignored signal of ours is not ignored there', async () => {
    // Node ignores SIGPIPE.
    expect((await run('kill -PIPE $$')).status).toMatchObject({ signal: constants.signals.SIGPIPE })
  })

  test.each([
    ['/no/such', 'ENOENT'],
    ['/etc/passwd', 'EACCES'],
    ['/usr', 'EACCES'],
  ])('%s cannot be started: %s', async (program, errnoName) => {
    const request = { program, args: [], environment: {}, workingDirectory: '/', descriptors: [] }
    await expect(spawnProcess(request)).rejects.toThrow(expect.objectContaining({ errnoName }))
    await expect(spawnProcess(request)).rejects.toThrow(SpawnError)
  })

  test.each([
    ['an argument', { args: ['a\0b'] }],
    ['a variable', { environment: { A: 'a\0b' } }],
    ['the directory', { workingDirectory: '/tmp\0' }],
  ])('a NUL byte in %s is refused, not cut off', async (_what, more) => {
    const request = {
      program: '/bin/true',
      args: [],
      environment: {},
      workingDirectory: '/',
      descriptors: [],
    }
    await expect(spawnProcess({ ...request, ...more })).rejects.toThrow(/NUL byte/)
  })

  test('how it ended is known in a worker thread too', async (context) => {
    const compiled = join(packageDirectory(), 'dist/modules/harness/host/program.js')
    context.skip(!existsSync(compiled), 'the package is not built: npm run build')
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads')
       import(workerData).then(async ({ startProgram }) => {
         const request = { workingDirectory: '/', environment: process.env, descriptors: [], graceMs: 100, signals: [] }
         const run = async (script) => await startProgram({ ...request, argv: ['/bin/sh', '-c', script] }).ended
         parentPort.postMessage([await run('exit 42'), await run('kill -9 $$')])
       })`,
      { eval: true, workerData: compiled },
    )
    const ends = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    expect(ends).toMatchObject([{ exitCode: 42 }, { kind: 'signaled', signal: 'SIGKILL' }])
  })
})
