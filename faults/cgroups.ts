import {
  after,
  before,
  configuration,
  type Effect,
  type Fault,
  program,
  when,
} from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'
import { objectAt, refused } from './configured.ts'

const area = 'cgroups'

/** Another path for the container's cgroup, or none. */
function path(change: (path: string, id: string) => string | undefined): Effect {
  return (draft) => {
    const edit = changing(({ linux }) => {
      if (linux?.cgroupsPath === undefined) return
      const changed = change(linux.cgroupsPath, draft.id ?? '')
      if (changed === undefined) delete linux.cgroupsPath
      else linux.cgroupsPath = changed
    })
    configuration(edit)(draft)
  }
}

/**
 * Shell text that begins faults which touch cgroups themselves: `$hierarchy`, where cgroups of tasks are, and `$path`,
 * the cgroup's below it, as the configuration says or after the container.
 */
const places = [
  'hierarchy=/sys/fs/cgroup/pids; [ -d "$hierarchy" ] || hierarchy=/sys/fs/cgroup',
  `path=$(sed -n 's/.*"cgroupsPath": *"\\([^"]*\\)".*/\\1/p' "$BUNDLE/config.json")`,
  'case $path in /*) ;; "") path=/$ID ;; *) path=/$path ;; esac',
].join('\n')

/** Moves a process out of the cgroup of tasks that it is in. */
const escaping = (pid: string) => `echo "${pid}" >"$hierarchy/cgroup.procs"`

/** Sets `$file` to the value of `--pid-file`. */
const pidFile = 'file= last=; for word; do [ "$last" = --pid-file ] && file=$word; last=$word; done'

const isClimbing = (path: string) => path.split('/').includes('..')

const executed = ['by-its-command-line', 'by-a-process-file'].map(
  (way) => `cgroups/a-process-that-is-executed-${way}-is-in-all-cgroups-of-the-container`,
)

const family = 'cgroups/what-the-program-of-a-container-starts-stays-in-its-cgroups-and-ends-with-them'

/** An error of create is one, and something is done before the runtime exits with it. */
function whereCreateFails(script: string): Effect {
  return program(
    'create',
    ['"$REAL" "$@" && exit', 'runwright_status=$?', script, 'exit "$runwright_status"'].join('\n'),
  )
}

export const cgroups: readonly Fault[] = [
  {
    id: 'cgroupspath-ignored',
    area,
    violates: [
      'cgroupspath-absolute-from-mount',
      'cgroupspath-relative-runtime-base',
      'cgroupspath-consistent',
    ],
    sentence:
      'The runtime names the cgroup of a container after the container, whatever the configuration says.',
    effect: path((given) => (isClimbing(given) ? given : undefined)),
  },
  {
    id: 'cgroupspath-absolute-gets-suffix',
    area,
    violates: ['cgroupspath-absolute-from-mount'],
    sentence: 'The runtime adds a suffix to an absolute path of a cgroup.',
    effect: path((given) => (given.startsWith('/') ? `${given}.scope` : given)),
  },
  {
    id: 'cgroupspath-relative-gets-suffix',
    area,
    violates: ['cgroupspath-relative-runtime-base'],
    sentence: 'The runtime adds a suffix to a relative path of a cgroup.',
    effect: path((given) => (given.startsWith('/') ? given : `${given}.scope`)),
  },
  ...[
    { kind: 'absolute', isMeant: (given: string) => given.startsWith('/') },
    { kind: 'relative', isMeant: (given: string) => !given.startsWith('/') },
  ].map(
    ({ kind, isMeant }): Fault => ({
      id: `cgroupspath-${kind}-differs-each-time`,
      area,
      violates: ['cgroupspath-consistent'],
      sentence: `The runtime adds the name of the container to a path of a cgroup that is ${kind}.`,
      effect: path((given, id) => (isMeant(given) ? `${given}-${id}` : given)),
    }),
  ),
  {
    id: 'cgroups-shared-by-default',
    area,
    violates: ['cgroupspath-optional', 'cgroupspath-default-free'],
    sentence: 'The runtime puts containers of one bundle into one cgroup where the configuration names none.',
    effect: (draft) => {
      const name = draft.bundle?.replaceAll(/[^a-z0-9]+/gi, '-')
      const edit = changing((spec) => {
        spec.linux ??= {}
        spec.linux.cgroupsPath ??= `/${name}`
      })
      configuration(edit)(draft)
    },
  },
  {
    id: 'cgroupspath-not-made-on-the-way',
    area,
    violates: ['cgroupspath-created-if-missing'],
    sentence: 'The runtime refuses a cgroup below another that does not exist.',
    effect: refused((document) =>
      /^\/[^/]+\/[^/]+\//.test(String(objectAt(document, 'linux')?.['cgroupsPath'] ?? '')),
    ),
  },
  {
    id: 'cgroupspath-flattened',
    area,
    violates: ['cgroupspath-created-if-missing'],
    sentence: 'The runtime makes one cgroup of a path of several.',
    effect: path((given) =>
      isClimbing(given) || given.length > 200 ? given : `/${given.slice(1).replaceAll('/', '-')}`,
    ),
  },
  {
    id: 'cgroup-that-exists-made-anew',
    area,
    violates: ['cgroupspath-absolute-from-mount', 'cgroupspath-consistent'],
    sentence: 'The runtime removes a cgroup that exists already and makes another in its place.',
    effect: before('create', `${places}\nrmdir "$hierarchy$path" 2>/dev/null && mkdir "$hierarchy$path"`),
  },
  {
    id: 'cgroupspath-too-long-is-cut',
    area,
    violates: ['cgroupspath-invalid-errors', 'cgroupspath-may-be-invalid'],
    sentence: 'The runtime cuts the names of a path of cgroups to 200 bytes.',
    effect: path((given) =>
      given
        .split('/')
        .map((name) => name.slice(0, 200))
        .join('/'),
    ),
  },
  {
    id: 'cgroupspath-line-feed-replaced',
    area,
    violates: ['cgroupspath-invalid-errors', 'cgroupspath-may-be-invalid'],
    sentence: 'The runtime replaces line feeds in the path of a cgroup.',
    effect: path((given) => given.replaceAll('\n', '_')),
  },
  {
    id: 'cgroupspath-climbing-is-default',
    area,
    violates: ['cgroupspath-invalid-errors'],
    sentence: 'The runtime takes a path of a cgroup that climbs up for one that is not given.',
    effect: path((given) => (isClimbing(given) ? undefined : given)),
  },
  {
    id: 'cgroupspath-climbing-leads-out',
    area,
    violates: ['cgroupspath-invalid-errors'],
    sentence: 'The runtime makes the directory that a climbing path of a cgroup leads to.',
    effect: before('create', `${places}\ncase $path in */../*) mkdir -p "$hierarchy$path" ;; esac`),
  },
  {
    id: 'refused-limit-leaves-cgroup',
    area,
    violates: ['create-unappliable-property-no-container'],
    sentence: 'The runtime leaves an empty cgroup behind when it cannot set a limit.',
    effect: whereCreateFails(`${places}\nmkdir -p "$hierarchy/$ID"`),
  },
  {
    id: 'refused-limit-ignored',
    area,
    violates: ['create-unappliable-property-no-container'],
    tests: ['cgroups/create-with-a-limit-that-the-kernel-refuses-leaves-no-cgroup-behind'],
    sentence: 'The runtime passes over processors that the kernel refuses.',
    effect: configuration(
      changing(({ linux }) => {
        const cpu = linux?.resources?.cpu
        if (/\d{4}/.test(cpu?.cpus ?? '')) delete cpu?.cpus
      }),
    ),
  },
  {
    id: 'delete-leaves-cgroup-of-cgroupspath',
    area,
    violates: ['delete-removes-created-resources', 'lifecycle-destroy-undoes-create'],
    tests: ['cgroups/delete-removes-the-cgroup-that-create-made-for-a-cgroupspath'],
    sentence: 'The runtime leaves an empty cgroup behind when it deletes a container that had a path for it.',
    effect: after('delete', `${places}\n[ "$path" = "/$ID" ] || mkdir -p "$hierarchy$path"`),
  },
  {
    id: 'start-leaves-cgroup',
    area,
    violates: ['pids-optional'],
    tests: [family],
    sentence:
      'The runtime starts the program of a container outside the cgroup that its tasks are counted in.',
    effect: after('start', `${places}\n${escaping('$PID')}`),
  },
  {
    id: 'exec-leaves-cgroup',
    area,
    violates: [],
    tests: executed,
    sentence: 'The runtime leaves an executed process out of the cgroup that its tasks are counted in.',
    effect: after('exec', `${places}\n${pidFile}\n${escaping('$(cat "$file")')}`),
  },
  {
    id: 'exec-by-words-leaves-cgroup',
    area,
    violates: [],
    tests: executed,
    sentence: 'The runtime leaves a process that is executed by words alone out of the cgroup of its tasks.',
    effect: when(
      ({ options }) => !options.some(({ name }) => name === '--process'),
      after('exec', `${places}\n${pidFile}\n${escaping('$(cat "$file")')}`),
    ),
  },
  {
    id: 'frozen-cgroup-crashes-create',
    area,
    violates: ['cgroup-fitness-failure-errors'],
    sentence: 'The runtime crashes when the cgroup of a container is frozen.',
    effect: before(
      'create',
      `${places}\n[ "$(cat "/sys/fs/cgroup/freezer$path/freezer.state" 2>/dev/null)" = FROZEN ] && kill -s SEGV $$`,
    ),
  },
  {
    id: 'strangers-in-cgroup-killed',
    area,
    violates: ['cgroup-fitness-failure-errors'],
    sentence: 'The runtime kills what is in the cgroup of a container before it creates that.',
    // Never in the root of a hierarchy, where every process of the host may be.
    effect: before(
      'create',
      `${places}\ncase $path in */|*..*) ;; *)\n` +
        `for stranger in $(cat "$hierarchy$path/cgroup.procs" 2>/dev/null); do kill -s KILL "$stranger"; done ;; esac`,
    ),
  },
  {
    id: 'cgroup-handed-over-on-v1',
    area,
    violates: ['cgroup-ownership-not-on-v1'],
    sentence: "The runtime gives the cgroup of a container to the container's root on cgroup v1, too.",
    effect: after(
      'create',
      `${places}\nchown "$(sed -n 's/^ *0 *\\([0-9]*\\) .*/\\1/p' "/proc/$PID/uid_map")" "$hierarchy$path"`,
    ),
  },
]
