import { existsSync } from 'node:fs'
import {
  after,
  all,
  configuration,
  type Effect,
  type Fault,
  once,
  program,
  when,
} from '../harness/fault/index.ts'
import { changing, type Seccomp } from '../harness/spec/index.ts'

const area = 'seccomp-notify'

/** The filter is another where a rule notifies a listener. */
function notifyingFilter(change: (filter: Seccomp) => void): Effect {
  return configuration(
    changing(({ linux }) => {
      if (linux?.seccomp?.syscalls?.some(notifies)) change(linux.seccomp)
    }),
  )
}

const notifies = ({ action }: { readonly action: string }) => action === 'SCMP_ACT_NOTIFY'

/** A filter that decides by itself and asks nobody. */
function asksNobody(filter: Seccomp): void {
  filter.syscalls = (filter.syscalls ?? []).map((rule) =>
    notifies(rule) ? { ...rule, action: 'SCMP_ACT_ERRNO', errnoRet: 38 } : rule,
  )
}

/** What an agent is told of a container, with `bundle`, `id` and `pid` at hand; a JavaScript expression. */
const told = `{ ociVersion: '1.0.2', fds: ['seccompFd'], pid, state: { ociVersion: '1.0.2', id, bundle, pid, status: 'creating' } }`

/**
 * Tells the agent of a filter, which then hears from nobody else, and hands no listener over.
 *
 * @param payload a JavaScript expression for the text that is sent, with `told` at hand
 */
function telling(payload: string): Effect {
  const script = [
    "const { connect } = require('node:net')",
    "const { readFileSync } = require('node:fs')",
    'const [bundle, id, number] = process.argv.slice(1)',
    'const pid = Number(number)',
    `const told = ${told}`,
    "const { seccomp } = JSON.parse(readFileSync(bundle + '/config.json', 'utf8')).linux",
    `if (seccomp?.listenerPath) connect(seccomp.listenerPath).end(${payload})`,
  ].join(';')
  return all(
    notifyingFilter(asksNobody),
    after('create', `"${process.execPath}" -e '${script.replaceAll("'", `'"'"'`)}' "$BUNDLE" "$ID" "$PID"`),
  )
}

interface Lie {
  readonly id: string
  readonly violates: readonly string[]
  readonly sentence: string
  readonly payload: string
}

const lies: readonly Lie[] = [
  {
    id: 'agent-told-two-states',
    violates: ['seccomp-listener-one-state-per-connection'],
    sentence: 'The runtime tells the agent of a filter the same state twice over one connection.',
    payload: 'JSON.stringify(told) + JSON.stringify(told)',
  },
  {
    id: 'agent-told-no-json',
    violates: ['processstate-json-payload'],
    sentence: 'The runtime tells the agent of a filter the pid as a mere number.',
    payload: 'String(pid)',
  },
  {
    id: 'agent-told-of-container-that-is-created',
    violates: ['processstate-state-required'],
    sentence:
      'The runtime tells the agent of a filter that the container is created while it is being created.',
    payload: "JSON.stringify({ ...told, state: { ...told.state, status: 'created' } })",
  },
  {
    id: 'agent-told-pid-of-container',
    violates: ['processstate-pid-required'],
    sentence: 'The runtime tells the agent of a filter the pid that the process has in its container.',
    payload: 'JSON.stringify({ ...told, pid: 1 })',
  },
  {
    id: 'agent-told-no-version',
    violates: ['processstate-ociversion-required'],
    sentence: 'The runtime tells the agent of a filter no version of the specification.',
    payload: 'JSON.stringify({ ...told, ociVersion: undefined })',
  },
  {
    id: 'agent-told-empty-metadata',
    violates: ['processstate-metadata-optional'],
    sentence: 'The runtime tells the agent of a filter null for metadata that the filter does not have.',
    payload: 'JSON.stringify({ ...told, metadata: null })',
  },
  {
    id: 'agent-given-no-descriptor',
    violates: ['processstate-fds-by-scm-rights', 'seccomp-listener-seccompfd-required'],
    sentence: 'The runtime names a descriptor to the agent of a filter and sends none.',
    payload: 'JSON.stringify(told)',
  },
]

export const seccompNotify: readonly Fault[] = [
  {
    id: 'agent-never-asked',
    area,
    violates: ['seccomp-listener-socket-type', 'seccomp-listener-seccompfd-required'],
    sentence: 'The runtime takes the action NOTIFY of a rule for ERRNO and tells no agent.',
    effect: notifyingFilter(asksNobody),
  },
  ...lies.map(
    ({ payload, ...fault }): Fault => ({
      ...fault,
      area,
      effect: telling(payload),
    }),
  ),
  {
    id: 'agent-metadata-lost',
    area,
    violates: ['seccomp-listenermetadata-optional'],
    sentence: 'The runtime hands the agent of a filter no metadata.',
    effect: notifyingFilter((filter) => {
      delete filter.listenerMetadata
    }),
  },
  {
    id: 'agent-metadata-cut-at-line-feed',
    area,
    violates: ['seccomp-listenermetadata-optional'],
    sentence: 'The runtime hands the agent of a filter the first line of the metadata.',
    effect: notifyingFilter((filter) => {
      const [line] = filter.listenerMetadata?.split('\n') ?? []
      if (line !== undefined) filter.listenerMetadata = line
    }),
  },
  {
    id: 'agent-metadata-by-default',
    area,
    violates: ['processstate-metadata-optional'],
    sentence: 'The runtime hands the agent of a filter metadata that nobody has configured.',
    effect: notifyingFilter((filter) => {
      filter.listenerMetadata ??= 'none'
    }),
  },
  {
    id: 'agent-that-is-missing-not-missed',
    area,
    violates: ['seccomp-listener-send-failure-errors'],
    sentence: 'The runtime goes on without an agent where nobody listens.',
    effect: notifyingFilter((filter) => {
      if (!existsSync(filter.listenerPath ?? '')) asksNobody(filter)
    }),
  },
  {
    id: 'agent-not-asked-in-exec',
    area,
    violates: ['seccomp-listener-connection-not-reused'],
    sentence: 'The runtime refuses to execute a process in a container whose filter has an agent.',
    effect: once(
      'create',
      when(
        ({ history }) => history.spec?.linux?.seccomp?.syscalls?.some(notifies) === true,
        program('exec', 'exit 1'),
      ),
    ),
  },
]
