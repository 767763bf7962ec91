// A place for runs of the command, and a look at this host for what they have left, which uses nothing of the code
// under test.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { programPath } from '../host/index.ts'

/** The compiled command. */
export const main = programPath('harness/cli/main.js')

/** A directory that everything of some runs is in, or names. */
export class RunPlace {
  readonly directory = realpathSync(mkdtempSync(join(tmpdir(), 'runwright-place-')))
  readonly output = join(this.directory, 'output')
  readonly home = join(this.directory, 'home')
  /** Variables that keep runs to this place. */
  readonly environment = {
    RUNWRIGHT_SESSIONS: join(this.directory, 'sessions'),
    RUNWRIGHT_HOME: this.home,
    TMPDIR: join(this.directory, 'tmp'),
    NO_COLOR: '1',
  } as const

  constructor() {
    mkdirSync(this.environment.TMPDIR)
  }

  /** The sessions that there are now. */
  get sessions(): string[] {
    return entriesOf(this.environment.RUNWRIGHT_SESSIONS)
  }

  /** Everything on this host but cgroups that is there because of this place's runs, one line each. */
  traces(): string[] {
    return [
      ...this.processes().map((pid) => `process ${pid} ${textOf(`/proc/${pid}/cmdline`)}`),
      ...textOf('/proc/self/mountinfo')
        .split('\n')
        .filter((line) => line.includes(this.directory)),
      ...this.sessions,
      ...entriesOf(join(this.home, 'bundles')),
      ...entriesOf(this.environment.TMPDIR),
    ]
  }

  /** Processes that were started with this place's variables, or that name it; a container's by its root. */
  processes(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && pid !== process.pid)
      .filter((pid) =>
        [textOf(`/proc/${pid}/environ`), textOf(`/proc/${pid}/cmdline`), rootMountOf(pid)].some((text) =>
          text.includes(this.directory),
        ),
      )
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** What is mounted at the root of a process. Its other mounts are no sign: every process of the host sees those here. */
function rootMountOf(pid: number): string {
  const lines = textOf(`/proc/${pid}/mountinfo`).split('\n')
  return lines.filter((line) => line.split(' ')[4] === '/').join('\n')
}

/** What a file holds; nothing where it is gone, as files of processes are with them. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** The names in a directory; none where it is not there. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
