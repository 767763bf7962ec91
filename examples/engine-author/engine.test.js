import assert from 'node:assert/strict'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { RuntimeError } from 'runwright'
import { Engine } from './engine.js'

/** @type {Engine} */
let engine

before(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'engine-'))
  await chmod(directory, 0o711)
  engine = await Engine.open(directory, process.env['RUNTIME'])
})

after(async () => engine.close())

test('a container is as the request has it, and runs further programs', async () => {
  const container = await engine.create({
    handle: `engine-${process.pid}-build`,
    env: ['STAGE=build'],
    limits: { pid: { max: 20 } },
  })
  const { stdout } = await container.run({
    path: 'sh',
    args: ['-c', 'hostname; echo "$STAGE"; pwd'],
    dir: '/tmp',
  })
  assert.equal(stdout, `engine-${process.pid}-build\nbuild\n/tmp\n`)
  const failing = await container.run({ path: 'sh', args: ['-c', 'exit 7'] })
  assert.equal(failing.exitCode, 7)
  assert.equal(await container.stop(), 0)
})

test('root in a container is nobody on the host', async () => {
  const container = await engine.create({ handle: `engine-${process.pid}-nobody` })
  const { stdout } = await container.run({ path: 'cat', args: ['/proc/self/uid_map'] })
  assert.match(stdout, /^ +0 +4294967294 +1$/m)
})

test('a program that is not there is an error that says so', async () => {
  const container = await engine.create({ handle: `engine-${process.pid}-missing` })
  await assert.rejects(container.run({ path: '/no/such/program' }), RuntimeError)
})
