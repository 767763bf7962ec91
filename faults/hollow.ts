import { type Fault, program } from '../harness/fault/index.ts'

/** The state of a container that nobody here has made. */
const stateOfAnother = JSON.stringify({
  ociVersion: '1.0.2',
  id: 'another',
  status: 'running',
  pid: 1,
  bundle: '/',
})

/** Runtimes that do nothing of what they are there for: no test may take any of them for one. */
const programs: Readonly<Record<string, readonly [sentence: string, effect: Fault['effect']]>> = {
  'does-nothing-and-succeeds': ['The runtime does nothing and exits with 0.', program('all', 'exit 0')],
  'does-nothing-and-fails': ['The runtime does nothing and exits with 1.', program('all', 'exit 1')],
  'dies-of-a-signal': [
    'The runtime dies of SIGSEGV before it does anything.',
    program('all', 'kill -SEGV $$'),
  ],
  'prints-random-bytes': [
    'The runtime prints random bytes and exits with 0.',
    program('all', 'head -c 65536 /dev/urandom; exit 0'),
  ],
  'prints-a-hundred-megabytes': [
    'The runtime prints 100 MB and exits with 0.',
    program('all', 'head -c 100000000 /dev/zero | tr "\\0" x; exit 0'),
  ],
  'tells-of-another-container': [
    'The runtime does nothing, prints the state of a container that is not there and exits with 0.',
    program('all', `echo '${stateOfAnother}'; exit 0`),
  ],
  // Were every verb to hang, each test would have to wait for its own clean-up as well.
  'hangs-in-create': [
    'The runtime never comes back from making a container, nor from telling of its features.',
    program(['create', 'run', 'features'], 'exec sleep 1000'),
  ],
}

export const hollow: readonly Fault[] = Object.entries(programs).map(([id, [sentence, effect]]) => ({
  id,
  area: 'hollow',
  violates: 'everything',
  sentence,
  effect,
}))
