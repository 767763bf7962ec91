import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../harness/host/index.ts'
import {
  addBindMount,
  combine,
  type Edit,
  type Hook,
  type HookKind,
  type JsonValue,
  parseJson,
  withHook,
} from '../harness/spec/index.ts'
import { patienceMs } from './containers.ts'

/** Where the container sees the recorder's directory. */
const insideDirectory = '/mnt'

/** The environment of a hook that is not about its environment. */
const plainEnvironment: readonly string[] = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin']

/**
 * Writes down what it was given, then its label behind those of the hooks that ran before. `read` is of the shell
 * itself: what it reads of /proc/self is the shell's own pid there, also where /proc is that of another namespace.
 */
const recordScript = `
directory=$1 label=$2
record="$directory/$label"
read -r self rest < /proc/self/stat
cat > "$record.stdin"
cat "/proc/$self/environ" > "$record.environment"
cat "/proc/$self/cmdline" > "$record.arguments"
ls -l "/proc/$self/ns" > "$record.namespaces"
pid=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p' "$record.stdin")
eval "$3" > "$record.note"
echo "$label" >> "$directory/ran"
eval "$4"
`

/** How a hook that records differs from one that only records. */
export interface RecordingHook extends Partial<Hook> {
  /** Its name in the record; its kind unless told. */
  readonly label?: string
  /** Shell text to run before it is counted as having run; what it prints is its note. `$pid` is that of the state. */
  readonly before?: string
  /** Shell text to run in the end, such as `exit 1`. */
  readonly after?: string
}

/** What one hook has written down. */
export interface HookReport {
  readonly stdin: string
  /** Its standard input as JSON; undefined when that is not one JSON text. */
  readonly state: JsonValue | undefined
  readonly environment: readonly string[]
  readonly arguments: readonly string[]
  /** Identity of every namespace, such as `net` → `net:[4026531840]`. */
  readonly namespaces: ReadonlyMap<string, string>
  readonly note: string
}

/** Hooks that write to a directory of the host which the container sees, too, and what they have written. */
export class HookRecorder {
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** @param directory a test's own, to be removed by whoever made it */
  static async in(directory: string): Promise<HookRecorder> {
    await writeFile(join(directory, 'record'), recordScript)
    await writeFile(join(directory, 'ran'), '')
    return new HookRecorder(directory)
  }

  /** A configuration with these hooks, in which those inside the container can write as well. */
  with(...hooks: readonly Edit[]): Edit {
    return combine(addBindMount(this.directory, insideDirectory), ...hooks)
  }

  /** Adds a hook that records. */
  hook(kind: HookKind, { label = kind, before = '', after = '', ...members }: RecordingHook = {}): Edit {
    const directory = kind === 'startContainer' ? insideDirectory : this.directory
    const args = this.#words(directory, label, before, after)
    return withHook(kind, { path: '/bin/sh', args, env: [...plainEnvironment], ...members })
  }

  /** A program of a container that records as hooks do, and then runs until it is killed. */
  get program(): readonly string[] {
    return this.#words(insideDirectory, 'program', '', 'exec sleep 1000')
  }

  #words(directory: string, label: string, before: string, after: string): string[] {
    return ['sh', `${directory}/record`, directory, label, before, after]
  }

  /** The labels of what ran, in order. */
  async ran(): Promise<readonly string[]> {
    return linesOf(await readFile(join(this.directory, 'ran'), 'utf8'))
  }

  /** Waits until this has run. @throws DeadlineError */
  async untilRan(label: string): Promise<void> {
    await until(async () => (await this.ran()).includes(label), {
      timeoutMs: patienceMs,
      what: `${label} to run`,
    })
  }

  /** What this has written down, which must have run. */
  async report(label: string): Promise<HookReport> {
    const read = (what: string) => readFile(join(this.directory, `${label}.${what}`), 'utf8')
    const stdin = await read('stdin')
    return {
      stdin,
      state: jsonOf(stdin),
      environment: textsOf(await read('environment')),
      arguments: textsOf(await read('arguments')),
      namespaces: linkedIn(await read('namespaces')),
      note: await read('note'),
    }
  }
}

/** Parses what `ls -l /proc/PID/ns` prints. */
export function linkedIn(listing: string): ReadonlyMap<string, string> {
  return new Map(
    linesOf(listing).flatMap((line) => {
      const [, name, target] = /(\S+) -> (\S+)$/.exec(line) ?? []
      return name === undefined || target === undefined ? [] : [[name, target] as const]
    }),
  )
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}

function textsOf(text: string): readonly string[] {
  return text.split('\0').slice(0, -1)
}
