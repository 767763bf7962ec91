import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  after as afterwards,
  all,
  before,
  type Effect,
  operands,
  output,
  program,
  skip,
  status,
  updatedResources,
  when,
} from './effect.ts'
import { FaultServer } from './fault-server.ts'

// What the executables do with a command is seen with any program in the runtime's place: this one tells how it was run.
const telling = `#!/bin/sh
printf '%s|' "$$" "$PPID" "$@"
[ -e /proc/self/fd/3 ] && cat <&3
[ "$1" = update ] && cat "\${2#--resources=}"
echo "$SOMETHING" >&2
exit 7
`

let place: string
let server: FaultServer

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'faults-'))
  const real = join(place, 'telling')
  writeFileSync(real, telling)
  chmodSync(real, 0o755)
  server = await FaultServer.start({ directory: join(place, 'served'), real })
})

afterEach(async () => {
  await server.close()
  rmSync(place, { recursive: true })
})

let last = 0

function executable(effect: Effect): { readonly id: string; readonly path: string } {
  last += 1
  const fault = { id: `fault-${last}`, area: 'area', violates: [], sentence: 'It is wrong.', effect }
  return { id: fault.id, path: server.add(fault) }
}

interface Run {
  readonly pid: number | undefined
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(
  path: string,
  args: readonly string[],
  { input = '', third }: { readonly input?: string; readonly third?: number } = {},
): Promise<Run> {
  const child = spawn(path, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...(third === undefined ? [] : [third])],
    env: { ...process.env, SOMETHING: 'from the caller' },
  })
  const printed = { stdout: '', stderr: '' }
  child.stdout?.on('data', (data) => {
    printed.stdout += data
  })
  child.stderr?.on('data', (data) => {
    printed.stderr += data
  })
  child.stdin?.on('error', () => undefined) // a program that does not read may have ended
  child.stdin?.end(input)
  await once(child, 'close')
  return { pid: child.pid, code: child.exitCode, ...printed }
}

describe('a runtime without any effect', () => {
  test('is the real one: its process, words, environment, status and further descriptors', async () => {
    const file = join(place, 'third')
    writeFileSync(file, 'by descriptor 3')
    const third = openSync(file, 'r')
    const words = ['create', '', 'two words', "it's", 'new\nline', '*', '$HOME']
    const { pid, code, stdout, stderr } = await run(executable(all()).path, words, { third })
    closeSync(third)
    expect(stdout).toBe(`${[pid, process.pid, ...words].join('|')}|by descriptor 3`)
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'from the caller\n' })
  })

  test('gives words that are no UTF-8 as they are', async () => {
    const { path } = executable(operands('kill', (words) => [...words, 'more']))
    const script = `"$0" kill "$(printf '\\303\\050')"`
    const child = spawn('sh', ['-c', script, path], { stdio: ['ignore', 'pipe', 'ignore'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    await once(child, 'close')
    expect(Buffer.concat(chunks).toString('latin1')).toMatch(/\|kill\|\u00c3\(\|more\|$/)
  })

  test('goes by the name of the real one', () => {
    expect(executable(all()).path).toMatch(/\/telling$/)
  })
})

test('many commands at once are each answered for themselves', async () => {
  const { path, id } = executable(
    all(
      operands('kill', ([name = '', ...more]) => [`${name}-changed`, ...more]),
      status('kill', () => 0),
    ),
  )
  const names = Array.from({ length: 40 }, (_, position) => `container-${position}`)
  const runs = await Promise.all(names.map((name) => run(path, ['kill', name, '9'])))
  expect(runs.map(({ code }) => code)).toEqual(names.map(() => 0))
  for (const [position, { stdout }] of runs.entries())
    expect(stdout).toContain(`|kill|${names[position]}-changed|9|`)
  expect(server.accountOf({ id }).changes).toBe(40)
})

describe('an effect', () => {
  test('replaces a command', async () => {
    expect(await run(executable(skip('start')).path, ['start', 'one'])).toMatchObject({ code: 0, stdout: '' })
  })

  test('does something before and after, with the container at hand', async () => {
    const effect = all(
      before('start', 'echo "before $ROOT $ID"; SOMETHING=changed'),
      status('start', () => 0),
    )
    const { stdout, stderr } = await run(executable(effect).path, ['--root', '/my root', 'start', 'one'])
    expect(stdout).toMatch(/^before \/my root one\n.*\|start\|one\|$/)
    expect(stderr).toBe('changed\n')
  })

  test('does something after a command that went well, and nothing after one that failed', async () => {
    const done = join(place, 'done')
    await run(executable(afterwards('start', `touch ${done}`)).path, ['start', 'one'])
    expect(existsSync(done)).toBe(false)
    const well = all(program('start', 'true'), afterwards('start', `touch ${done}`))
    expect(await run(executable(well).path, ['start', 'one'])).toMatchObject({ code: 0 })
    expect(existsSync(done)).toBe(true)
  })

  test('changes what is printed, and leaves status and errors', async () => {
    const { path, id } = executable(output('state', (text) => text.replace('|state|', '|changed|')))
    const { code, stdout, stderr } = await run(path, ['state', 'one'])
    expect(stdout).toMatch(/\|changed\|one\|$/)
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'from the caller\n' })
    await run(path, ['kill', 'one'])
    expect(server.accountOf({ id }).changes).toBe(1)
  })

  test('changes resources that come on standard input', async () => {
    const effect = updatedResources((resources) => {
      resources.pids = { limit: 5 }
    })
    const options = { input: '{"memory":{"limit":9223372036854775807}}' }
    const { stdout } = await run(executable(effect).path, ['update', '--resources=-', 'one'], options)
    expect(stdout).toContain('{"memory":{"limit":9223372036854775807},"pids":{"limit":5}}')
  })

  test('knows what a container was asked before', async () => {
    const { path } = executable(when(({ history }) => history.verbs.includes('pause'), skip('state')))
    const codes: (number | null)[] = []
    for (const words of [
      ['state', 'one'],
      ['pause', 'one'],
      ['state', 'two'],
      ['state', 'one'],
      ['create', 'one'],
      ['state', 'one'],
    ])
      codes.push((await run(path, words)).code)
    // What is created anew has no past.
    expect(codes).toEqual([7, 7, 7, 0, 7, 7])
  })

  test('that throws is told, and the command fails', async () => {
    const { path, id } = executable(() => {
      throw new Error("the fault's own mistake")
    })
    const { code, stderr } = await run(path, ['state', 'one'])
    expect({ code, stderr }).toMatchObject({ code: 125, stderr: expect.stringContaining('own mistake') })
    expect(server.accountOf({ id }).errors).toEqual(["the fault's own mistake"])
  })
})

test('a client that was killed before the reply disturbs nobody', async () => {
  const { path } = executable(all())
  const children = Array.from({ length: 20 }, () => spawn(path, ['state', 'one'], { stdio: 'ignore' }))
  // Each at another moment of its life.
  for (const [position, child] of children.entries()) setTimeout(() => child.kill('SIGKILL'), position)
  await Promise.all(children.map((child) => once(child, 'close')))
  expect(await run(path, ['state', 'one'])).toMatchObject({ code: 7 })
})

test('once its server is closed nothing of a runtime is left', async () => {
  const { path } = executable(all())
  await server.close()
  expect(existsSync(path)).toBe(false)
})

test('a runtime whose server has died without a word fails at once', async () => {
  const { path } = executable(all())
  const pidFile = join(place, 'served', 'server')
  const dead = spawn('true')
  await once(dead, 'close')
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/\d+/, String(dead.pid)))
  expect(await run(path, ['state', 'one'])).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('nobody serves'),
  })
})
