import { readlinkSync } from 'node:fs'
import { join } from 'node:path'
import valid from 'semver/functions/valid.js'
import * as v from 'valibot'
import { closeDescriptor, DescriptorSocket, type ReceivedDescriptors } from '../harness/host/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import {
  containerProcessStateSchema,
  type Edit,
  type JsonValue,
  parseJson,
  withSeccomp,
} from '../harness/spec/index.ts'
import { type Need, suite, type TestContext } from '../harness/suite/index.ts'
import { patienceMs, pidOf, untilPrinted } from './containers.ts'
import { shell, sleeping } from './programs.ts'

const needs: readonly Need[] = ['seccomp']

/** Says when it starts and how mkdir(2) went, about which somebody else decides. */
const asking = shell('echo started; mkdir /dev/shm/made 2>&1; echo ended; exec sleep 1000')

/** A filter that asks an agent about mkdir(2). */
function askingAgent(listenerPath: string, listenerMetadata?: string): Edit {
  return withSeccomp({
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath,
    ...(listenerMetadata === undefined ? {} : { listenerMetadata }),
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }],
  })
}

/** What came over one connection of a runtime to the agent. */
interface Told {
  readonly messages: readonly ReceivedDescriptors[]
  /** All bytes together as JSON; undefined when they are not one JSON text. */
  readonly told: JsonValue | undefined
  readonly descriptors: readonly number[]
}

/** The agent of a filter. What it was sent stays open until it is closed. */
class Agent implements Disposable {
  readonly path: string
  readonly #socket: DescriptorSocket
  readonly #open = new Set<number>()

  constructor(path: string) {
    this.path = path
    this.#socket = DescriptorSocket.listen(path)
  }

  /** Waits for the next connection, and takes what comes over it until the runtime closes it. */
  async listen(signal: AbortSignal): Promise<Told> {
    const messages = await this.#socket.receiveToEnd({ timeoutMs: patienceMs, signal })
    const descriptors = messages.flatMap((message) => message.descriptors)
    for (const descriptor of descriptors) this.#open.add(descriptor)
    const text = Buffer.concat(messages.map(({ payload }) => payload)).toString()
    return { messages, told: jsonOf(text), descriptors }
  }

  /** Closes what it was sent: calls that wait for an answer fail with ENOSYS, and so do later ones. */
  hangUp(): void {
    for (const descriptor of this.#open) closeDescriptor(descriptor)
    this.#open.clear()
  }

  [Symbol.dispose](): void {
    this.hangUp()
    this.#socket.close()
  }
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

async function agentOf({ temporaryDirectory }: TestContext): Promise<Agent> {
  return new Agent(join(await temporaryDirectory(), 'agent'))
}

/** Creates and starts a container whose agent listens meanwhile: a filter may be put in force in either. */
async function tellingContainer(
  context: TestContext,
  agent: Agent,
  name: string,
  edit: Edit = askingAgent(agent.path),
): Promise<Told & { readonly container: Container }> {
  const listening = agent.listen(context.signal)
  listening.catch(() => undefined) // create may fail before
  const container = await context.runtime.create(await context.bundles.busybox(name, asking, edit))
  await container.start()
  return { container, ...(await listening) }
}

export const seccompNotify = suite('seccomp-notify', ({ test }) => {
  test('the agent is sent one process state over a connection that ends while the container lives', {
    covers: [
      'processstate-json-payload',
      'seccomp-listener-socket-type',
      'seccomp-listener-one-state-per-connection',
      'seccomp-listener-connection-closed',
    ],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told, container } = await tellingContainer(context, agent, 'one-state')
    expect(v.safeParse(containerProcessStateSchema, told).issues ?? []).toEqual([])
    expect(container.init.isAlive()).toBe(true)
  })

  test('the process state names the version of the specification and the process as the host sees it', {
    covers: ['processstate-ociversion-required', 'processstate-pid-required'],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told, container } = await tellingContainer(context, agent, 'version-and-pid')
    expect(told).toMatchObject({ pid: pidOf(container) })
    const version = v.parse(
      v.fallback(v.object({ ociVersion: v.unknown() }), { ociVersion: '' }),
      told,
    ).ociVersion
    expect(valid(String(version)), `'${version}' as a SemVer version`).not.toBeNull()
  })

  test('the process state holds the state of the container that is being created', {
    covers: ['processstate-state-required'],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told, container } = await tellingContainer(context, agent, 'state-of-container')
    expect(told).toMatchObject({
      state: { id: container.id, bundle: container.bundle.path, status: 'creating', pid: pidOf(container) },
    })
  })

  test('descriptors come with the first message, and the process state names each of them', {
    covers: [
      'processstate-fds-by-scm-rights',
      'processstate-fds-in-first-call',
      'processstate-fds-optional',
      'processstate-several-sendmsg',
    ],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told, messages, descriptors } = await tellingContainer(context, agent, 'descriptors')
    expect(messages[0]?.descriptors).toEqual(descriptors)
    expect(descriptors).not.toEqual([])
    expect(namesOfDescriptors(told)).toHaveLength(descriptors.length)
  })

  test('the descriptor named seccompFd is the listener of a filter', {
    covers: ['seccomp-listener-seccompfd-required'],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told, descriptors } = await tellingContainer(context, agent, 'seccomp-descriptor')
    const descriptor = descriptors[namesOfDescriptors(told).indexOf('seccompFd')]
    expect(descriptor, 'a descriptor named seccompFd').toBeDefined()
    expect(readlinkSync(`/proc/self/fd/${descriptor}`)).toBe('anon_inode:seccomp notify')
  })

  test('a system call with the action NOTIFY waits for the agent, and fails once there is none any more', {
    covers: ['seccomp-listener-seccompfd-required', 'seccomp-syscalls-errnoret-optional'],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { container } = await tellingContainer(context, agent, 'waiting')
    await untilPrinted(container.init, 'started\n')
    await expect(container).toBeRunning()
    agent.hangUp()
    const unheard = "mkdir: can't create directory '/dev/shm/made': Function not implemented\n"
    await untilPrinted(container.init, `started\n${unheard}ended\n`)
  })

  test('the metadata for the listener arrives as it was given', {
    covers: ['seccomp-listenermetadata-optional'],
    needs,
  }, async (context) => {
    using agent = await agentOf(context)
    const metadata = 'two words, "quoted", ümlaut, {"json": true}\nand a second line'
    const edit = askingAgent(agent.path, metadata)
    const { told } = await tellingContainer(context, agent, 'metadata', edit)
    context.expect(told).toMatchObject({ metadata })
  })

  test('without metadata for the listener the process state has none', {
    covers: ['processstate-metadata-optional'],
    needs,
  }, async (context) => {
    const { expect } = context
    using agent = await agentOf(context)
    const { told } = await tellingContainer(context, agent, 'no-metadata')
    expect(told).toMatchObject({ fds: expect.anything() })
    const schema = v.fallback(v.object({ metadata: v.optional(v.unknown(), '') }), { metadata: 'no object' })
    expect(v.parse(schema, told).metadata).toBe('')
  })

  test('for an executed process the agent is sent another state over another connection', {
    covers: [
      'seccomp-listener-connection-not-reused',
      'seccomp-listener-one-state-per-connection',
      'processstate-pid-required',
      'processstate-state-required',
    ],
    needs: [...needs, 'runtime:exec'],
  }, async (context) => {
    const { expect, signal } = context
    using agent = await agentOf(context)
    const { container } = await tellingContainer(context, agent, 'executed')
    await untilPrinted(container.init, 'started\n')
    const listening = agent.listen(signal)
    listening.catch(() => undefined)
    const process = await container.spawn(sleeping)
    const { told } = await listening
    expect(told).toMatchObject({ pid: process.pid, state: { id: container.id, status: 'running' } })
  })

  test('create fails and leaves no container when nobody listens for its filter', {
    covers: ['seccomp-listener-send-failure-errors', 'errors-leave-environment-untouched'],
    needs,
  }, async (context) => {
    const { bundles, runtime, control, id, expect, temporaryDirectory } = context
    using agent = await agentOf(context)
    await control('the container is created when somebody listens', () =>
      tellingContainer(context, agent, 'somebody'),
    )
    const nobody = askingAgent(join(await temporaryDirectory(), 'nobody'))
    const bundle = await bundles.busybox('nobody', asking, nobody)
    const created = await runtime.command(['create', '--bundle', bundle.path, id('bad')])
    // A runtime may look for the agent as late as in start.
    if (created.exitCode === 0) await expect(runtime.start(id('bad'))).toBeRefused()
    else expect(created.status?.kind).toBe('exited')
    await expect(runtime.state(id('bad'))).toBeRefused()
  })
})

/** The names that a process state gives to its descriptors. */
function namesOfDescriptors(told: JsonValue | undefined): readonly unknown[] {
  const schema = v.fallback(v.object({ fds: v.array(v.unknown()) }), { fds: [] })
  return v.parse(schema, told).fds
}
