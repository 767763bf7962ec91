import { before, type Fault, operands, program, skip, status, when } from '../harness/fault/index.ts'
import { real, statusOfContainer } from './real-runtime.ts'

/** Signals that a runtime may take for others, by how they are written on the command line. */
const mistaken: Readonly<
  Record<string, readonly [given: readonly string[], sent: string, sentence: string]>
> = {
  'kill-sends-kill-for-term': [
    ['SIGTERM', 'TERM', '15'],
    'KILL',
    'kills a container that is to be asked to end',
  ],
  'kill-sends-quit-for-int': [['SIGINT', 'INT', '2'], 'QUIT', 'sends QUIT where INT is wanted'],
  'kill-sends-usr1-for-hup': [['SIGHUP', 'HUP', '1'], 'USR1', 'sends USR1 where HUP is wanted'],
  'kill-sends-usr2-for-usr1': [['SIGUSR1', 'USR1', '10'], 'USR2', 'sends USR2 where USR1 is wanted'],
  'kill-sends-usr1-for-usr2': [['SIGUSR2', 'USR2', '12'], 'USR1', 'sends USR1 where USR2 is wanted'],
  'kill-numbers-of-another-machine': [
    ['10'],
    'BUS',
    'takes the number 10 for the signal it is on other systems',
  ],
  'kill-number-15-is-int': [['15'], 'INT', 'sends INT where a signal is given as 15'],
}

/** Signals that are sent to what no longer lives. */
const inVain: Readonly<Record<string, readonly string[]>> = {
  term: ['SIGTERM', 'TERM', '15'],
  kill: ['SIGKILL', 'KILL', '9'],
}

const isGiven =
  (signals: readonly string[]) =>
  ({ operands: [, signal = 'SIGTERM'] }: { operands: readonly string[] }) =>
    signals.includes(signal)

export const kill: readonly Fault[] = [
  ...Object.entries(mistaken).map(
    ([id, [given, sent, sentence]]): Fault => ({
      id,
      area: 'kill',
      violates: ['kill-sends-signal'],
      sentence: `The runtime ${sentence}.`,
      effect: when(
        isGiven(given),
        operands('kill', ([id = '']) => [id, sent]),
      ),
    }),
  ),
  {
    id: 'kill-does-nothing',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime says that it has sent a signal and sends none.',
    effect: skip('kill'),
  },
  {
    id: 'kill-sends-hup-first',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime sends HUP before every other signal.',
    effect: before('kill', `${real} kill "$ID" HUP 2>/dev/null`),
  },
  {
    id: 'kill-needs-sig',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime knows signals only by names that begin with SIG.',
    effect: program(
      'kill',
      'for signal; do :; done; case $signal in SIG*) exec "$REAL" "$@" ;; esac; exit 1',
    ),
  },
  {
    id: 'kill-needs-no-sig',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime does not know signals by names that begin with SIG.',
    effect: program(
      'kill',
      'for signal; do :; done; case $signal in SIG*) exit 1 ;; esac; exec "$REAL" "$@"',
    ),
  },
  {
    id: 'kill-of-created-container-refused',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime refuses to send a signal to a container that is not started yet.',
    effect: program('kill', `[ "${statusOfContainer}" != created ] || exit 1; exec "$REAL" "$@"`),
  },
  {
    id: 'kill-of-created-container-starts-it',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime starts a created container before it sends a signal to it.',
    effect: before('kill', `[ "${statusOfContainer}" != created ] || ${real} start "$ID"`),
  },
  {
    id: 'kill-of-unknown-signal-succeeds',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime takes a signal that does not exist for none, and exits with 0.',
    effect: when(
      isGiven(['NOSUCHSIGNAL']),
      status('kill', () => 0),
    ),
  },
  {
    id: 'kill-of-unknown-signal-kills',
    area: 'kill',
    violates: ['kill-sends-signal'],
    sentence: 'The runtime refuses a signal that does not exist and kills the container.',
    effect: when(isGiven(['NOSUCHSIGNAL']), program('kill', `${real} kill "$ID" KILL; exit 1`)),
  },
  {
    id: 'kill-without-id-succeeds',
    area: 'kill',
    violates: ['kill-without-id-errors'],
    sentence: 'The runtime exits with 0 when it is to send a signal to no container.',
    effect: when(
      ({ id }) => id === undefined,
      status('kill', () => 0),
    ),
  },
  ...Object.entries(inVain).flatMap(([name, signals]): Fault[] => [
    {
      id: `kill-with-${name}-of-unknown-container-succeeds`,
      area: 'kill',
      violates: ['kill-not-alive-errors'],
      sentence: `The runtime says that it has sent ${name.toUpperCase()} to a container that does not exist.`,
      effect: when(
        isGiven(signals),
        program('kill', `[ -n "${statusOfContainer}" ] || exit 0; exec "$REAL" "$@"`),
      ),
    },
    {
      id: `kill-with-${name}-of-stopped-container-succeeds`,
      area: 'kill',
      violates: ['kill-not-alive-errors'],
      sentence: `The runtime says that it has sent ${name.toUpperCase()} to a stopped container.`,
      effect: when(
        isGiven(signals),
        program('kill', `[ "${statusOfContainer}" != stopped ] || exit 0; exec "$REAL" "$@"`),
      ),
    },
  ]),
  {
    id: 'kill-of-stopped-container-deletes-it',
    area: 'kill',
    violates: ['kill-not-alive-no-effect'],
    sentence: 'The runtime refuses to send a signal to a stopped container, and deletes it.',
    effect: program(
      'kill',
      `[ "${statusOfContainer}" != stopped ] || { ${real} delete "$ID"; exit 1; }; exec "$REAL" "$@"`,
    ),
  },
  {
    id: 'kill-reaches-containers-of-same-bundle',
    area: 'kill',
    violates: ['state-id-unique-on-host'],
    tests: ['process/ten-containers-of-one-bundle-run-side-by-side-and-end-apart-from-each-other'],
    sentence: 'The runtime kills every container with the one that it is to send KILL to.',
    effect: when(
      isGiven(inVain['kill'] ?? []),
      before('kill', `for other in $(${real} list -q); do ${real} kill "$other" KILL 2>/dev/null; done`),
    ),
  },
]
