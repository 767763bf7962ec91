import { type CommandRecord, shellQuote } from '../../runtime/index.ts'
import type { Check, DecidingCommand, Evidence, TestReport } from '../../suite/index.ts'
import { printableLine } from '../printable.ts'
import { howItEnded } from '../repetition.ts'

/** What the script is about. */
export interface ReproSubject {
  readonly test: Pick<TestReport, 'id' | 'title' | 'runtime'>
  readonly evidence: Evidence
  /** Absolute path of the runtime's program, as it stands in the commands. */
  readonly program: string
  /** Path of each archive's copy from the script's directory, by the archive's digest. */
  readonly archives: ReadonlyMap<string, string>
}

/** Name of the file that holds the standard output which a test expected. */
export const expectedOutputFile = 'expected-stdout'

/**
 * A script that shows a failure again: plain POSIX shell, with `tar` for the root file system and `timeout` where there
 * is one. It makes the bundles anew, runs the test's commands up to the one that decides, and looks whether that did
 * what the test expected. What it cannot know it does not claim:
 *
 * - 0: what the test expected holds
 * - 1: the failure is there
 * - 2: no verdict, because the expectation is not one that a shell can look at, or an earlier command failed
 */
export function reproScript(subject: ReproSubject): string {
  const { evidence, test, program } = subject
  const { commands, bundles, decision } = evidence
  const places = placesOf(evidence)
  const shown = 'position' in decision ? commands.slice(0, decision.position + 1) : commands
  return [
    '#!/bin/sh',
    `# ${printableLine(`${test.id}, failed on ${test.runtime}`, 200)}`,
    `# ${printableLine(test.title, 200)}`,
    '#',
    `#   sh repro.sh                      with ${printableLine(program, 200)}`,
    '#   RUNTIME=/path/to/it sh repro.sh  with any other runtime',
    '#',
    ...meaningOf(decision),
    'set -u',
    `RUNTIME=\${RUNTIME:-${shellQuote([program])}}`,
    ...prologue,
    'clean() {',
    ...cleaning(subject, places),
    '  rm -rf "$work"',
    '}',
    "trap clean EXIT; trap 'exit 2' HUP INT TERM",
    '',
    ...placeRules(places),
    ...bundles.flatMap(({ root }, index) => {
      const path = root === undefined ? undefined : subject.archives.get(root.digest)
      return path === undefined ? [] : [`bundle ${index + 1} ${shellQuote([path])}`]
    }),
    '',
    ...shown.flatMap((command, index) => [
      ...pauseBefore(command, shown[index - 1]),
      ...('position' in decision && index === decision.position ? [] : needed(command)),
      `step ${index + 1} ${shellQuote([howItEnded(command)])} ${words(command.reproduction, program, places)}`,
    ]),
    '',
    ...verdict(decision, evidence),
    '',
  ].join('\n')
}

/** A pause of the test between two commands, in milliseconds, that the script makes, too. */
const noticeableMs = 100

/** After these the container does something by itself, which the test waited for in ways that are no commands. */
const setGoing: ReadonlySet<string> = new Set(['start', 'kill', 'resume'])

function pauseBefore(command: CommandRecord, before: CommandRecord | undefined): string[] {
  if (before === undefined) return []
  const pause = command.startedAt - before.startedAt - before.durationMs
  const seconds = Math.max(
    pause < noticeableMs ? 0 : Math.ceil(pause / 1000),
    setGoing.has(before.verb) ? 1 : 0,
  )
  return seconds === 0 ? [] : [`sleep ${seconds}`]
}

/** Whoever came this far in the test had success where success was recorded, and the state that was told. */
function needed({ verb, exitCode, stdout }: CommandRecord): string[] {
  if (exitCode !== 0) return []
  const status = verb === 'state' ? /"status"\s*:\s*"(\w+)"/.exec(stdout)?.[1] : undefined
  return ['must_succeed=yes', ...(status === undefined ? [] : [`must_tell=${status}`])]
}

function meaningOf(decision: Evidence['decision']): string[] {
  if ('undecidable' in decision) {
    return [`# Shows what happened and ends with 2: it cannot judge, because ${decision.undecidable}.`]
  }
  return [
    '# Ends with 1 when the failure is there, with 0 when what the test expected holds, and with 2 when it cannot tell.',
    `# Expected: command ${decision.position + 1} ${expected(decision)}.`,
  ]
}

function expected({ check, isNegated }: DecidingCommand): string {
  const not = isNegated ? 'not ' : ''
  switch (check.kind) {
    case 'exited':
      return `does ${not}end with exit code ${check.code}`.replace('does end', 'ends')
    case 'refused':
      return isNegated ? 'succeeds' : 'is refused'
    case 'printed':
      return `does ${not}print the text in ${expectedOutputFile}`.replace('does print', 'prints')
    case 'status':
      return `does ${not}tell the status ${printableLine(check.status, 40)}`.replace('does tell', 'tells')
  }
}

const prologue = `here=$(cd "$(dirname "$0")" && pwd) || exit 2
work=\${TMPDIR:-/tmp}/repro.$$
mkdir -m 700 "$work" || exit 2
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout 60'; fi
must_succeed=no
must_tell=
doubt=

# Says why there is no verdict.
cannot() {
  echo "cannot tell: $*"
  exit 2
}

# bundle NUMBER ARCHIVE: makes a bundle as the test had it, but for its place
bundle() {
  mkdir -p "$work/bundle-$1/rootfs" "$work/bundle-$1/io" &&
    tar -xpf "$here/$2" -C "$work/bundle-$1/rootfs" &&
    sed -f "$work/places" "$here/bundle-$1/config.json" >"$work/bundle-$1/config.json" ||
    cannot "bundle $1 could not be made"
}

# step NUMBER END COMMAND...: runs a command of the test; END is how it ended there
step() {
  number=$1 end=$2
  shift 2
  echo "$number. $*"
  for second in 1 2 3 4 5; do
    $limit "$@" </dev/null >"$work/$number.out" 2>"$work/$number.err"
    status=$?
    if [ -z "$must_tell" ] || grep -q ""$must_tell"" "$work/$number.out"; then break; fi
    sleep 1
  done
  echo "   exit $status; in the test: $end"
  awk '{ print "   stdout: " $0 }' "$work/$number.out"
  awk '{ print "   stderr: " $0 }' "$work/$number.err"
  if [ "$must_succeed" = yes ] && [ "$status" -ne 0 ]; then
    cannot "command $number failed, and the test needed it"
  fi
  if [ -n "$must_tell" ] && ! grep -q ""$must_tell"" "$work/$number.out"; then
    doubt="command $number did not tell the status $must_tell as it did in the test"
  fi
  must_succeed=no must_tell=
}

# verdict yes|no: whether what the test expected holds
verdict() {
  if [ "$1" = yes ]; then
    echo 'not shown: what the test expected holds'
    exit 0
  fi
  if [ -n "$doubt" ]; then cannot "$doubt"; fi
  echo 'shown: the failure is there'
  exit 1
}
`.split('\n')

/** What stands for the places of the test: its bundles and the directories of its runtime. */
interface Places {
  /** Each path of the test with its own below the script's directory; what lies deeper comes first. */
  readonly files: readonly (readonly [path: string, own: string])[]
  /** Directories that runtimes keep their state in. */
  readonly states: readonly (readonly [path: string, own: string])[]
}

function placesOf({ commands, bundles }: Evidence): Places {
  const roots = commands.flatMap(({ reproduction }) =>
    reproduction.filter((_word, index) => reproduction[index - 1] === '--root'),
  )
  return {
    files: bundles.flatMap(({ path, root }, index) => {
      const own = [path, `bundle-${index + 1}`] as const
      return root === undefined ? [own] : [[root.path, `bundle-${index + 1}/rootfs`] as const, own]
    }),
    states: [...new Set(roots)].map((path, index) => [path, `root-${index + 1}`] as const),
  }
}

/** The words of a command with the script's own runtime and places in them. */
function words(reproduction: readonly string[], program: string, places: Places): string {
  return reproduction.map((word) => (word === program ? '"$RUNTIME"' : placed(word, places))).join(' ')
}

function placed(word: string, { files, states }: Places): string {
  const found = [...files, ...states].find(([path]) => word === path || word.startsWith(`${path}/`))
  if (found === undefined) return shellQuote([word])
  const [path, name] = found
  const rest = word.slice(path.length)
  return `"$work"/${name}${rest === '' ? '' : shellQuote([rest])}`
}

/** A sed program that puts the script's places into a configuration. */
function placeRules({ files }: Places): string[] {
  const rules = files.map(([path, own]) => {
    const pattern = path.replace(/[\\/.*[\]^$]/g, '\\$&')
    return `printf 's/%s/%s/g\\n' ${shellQuote([pattern])} "$(printf '%s' "$work" | sed 's/[\\\\/&]/\\\\&/g')\\/${own.replaceAll('/', '\\/')}"`
  })
  return ['{', ...rules.map((rule) => `  ${rule}`), '  :', '} >"$work/places"']
}

/** Removes the containers that the commands may have made. */
function cleaning({ evidence, program }: ReproSubject, places: Places): string[] {
  const made = evidence.commands.flatMap(({ verb, reproduction }) => {
    const at = reproduction.indexOf(verb, reproduction.indexOf(program))
    const id = reproduction.at(-1)
    if (!['create', 'run', 'restore'].includes(verb) || at < 0 || id === undefined) return []
    return [`${words(reproduction.slice(0, at), program, places)} delete --force ${shellQuote([id])}`]
  })
  return [...new Set(made)].map((line) => `  ${line} >/dev/null 2>&1`)
}

function verdict(decision: Evidence['decision'], { commands }: Evidence): string[] {
  if ('undecidable' in decision) return [`cannot ${shellQuote([decision.undecidable])}`]
  const { position, check, isNegated } = decision
  const [holds, fails] = isNegated ? ['no', 'yes'] : ['yes', 'no']
  const isLasting = commands[position]?.verb === 'create'
  return [
    ...deciding(check, position + 1, isLasting),
    `if [ "$held" = yes ]; then verdict ${holds}; else verdict ${fails}; fi`,
  ]
}

/** Sets `held`. */
function deciding(check: Check, number: number, isLasting: boolean): string[] {
  const trial = (condition: string) => `if ${condition}; then held=yes; else held=no; fi`
  switch (check.kind) {
    case 'exited':
      return [trial(`[ "$status" -eq ${check.code} ]`)]
    case 'refused':
      return [
        `if [ "$status" -ge 124 ]; then cannot 'the runtime hung, crashed or could not be started'; fi`,
        trial('[ "$status" -ne 0 ]'),
      ]
    case 'status':
      return [
        trial(
          `grep -q ${shellQuote([`"status"[[:space:]]*:[[:space:]]*"${check.status}"`])} "$work/${number}.out"`,
        ),
      ]
    case 'printed': {
      const same = `cmp -s "$here/${expectedOutputFile}" "$work/${number}.out"`
      // What was created goes on printing when the command has ended.
      const wait = `for second in 1 2 3 4 5; do ${same} && break; sleep 1; done`
      return [...(isLasting ? [wait] : []), trial(same)]
    }
  }
}
