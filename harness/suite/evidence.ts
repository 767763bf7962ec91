import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bundle } from '../bundle/index.ts'
import { type CommandRecord, RuntimeError, shellQuote } from '../runtime/index.ts'
import type { Check, FailedExpectation } from './expectation.ts'

/** A bundle that a command was given, as it was when the test ended. */
export interface EvidenceBundle {
  readonly path: string
  /** The text of its config.json. */
  readonly config: string
  /** Its root file system and the archive of that; undefined where the test made the bundle by itself. */
  readonly root?: { readonly path: string; readonly archive: string; readonly digest: string }
}

/** The command that decides, and what it should have done. */
export interface DecidingCommand {
  /** Its position among the commands. */
  readonly position: number
  readonly check: Check
  readonly isNegated: boolean
}

/** What it takes to see a failure again without the test: plain data that crosses process boundaries. */
export interface Evidence {
  /** In the order in which they began. */
  readonly commands: readonly CommandRecord[]
  readonly bundles: readonly EvidenceBundle[]
  readonly decision: DecidingCommand | { readonly undecidable: string }
}

/** What evidence is gathered from. */
export interface EvidenceSources {
  readonly records: readonly CommandRecord[]
  /** The registered bundles that the test used. */
  readonly bundles: readonly Bundle[]
  readonly error: unknown
  readonly failure: FailedExpectation | undefined
  /** The session's name: what the test made beside its bundles lies in directories that are called so. */
  readonly session: string
}

/** Gathers the evidence of a test that has ended badly, while its files are still there. */
export function gatherEvidence(sources: EvidenceSources): Evidence {
  const commands = sources.records.toSorted((one, other) => one.startedAt - other.startedAt)
  const bundles = bundlesOf(commands, sources.bundles)
  return { commands, bundles, decision: decisionOf(sources, commands, bundles) }
}

function bundlesOf(commands: readonly CommandRecord[], known: readonly Bundle[]): EvidenceBundle[] {
  const paths = new Set(commands.flatMap(bundlePaths))
  return [...paths].flatMap((path) => {
    const config = textOf(join(path, 'config.json'))
    if (config === undefined) return []
    const bundle = known.find((registered) => registered.path === path)
    return [
      {
        path,
        config,
        ...(bundle === undefined
          ? {}
          : { root: { path: bundle.rootfs, archive: bundle.source, digest: bundle.archiveDigest } }),
      },
    ]
  })
}

/** Where a command finds its bundle: what it is told, or where it runs. */
function bundlePaths({ reproduction, workingDirectory }: CommandRecord): string[] {
  const told = reproduction[reproduction.indexOf('--bundle') + 1]
  if (reproduction.includes('--bundle') && told !== undefined) return [told]
  return existsSync(join(workingDirectory, 'config.json')) ? [workingDirectory] : []
}

const largestConfigBytes = 2 ** 20

function textOf(file: string): string | undefined {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  return size === undefined || size > largestConfigBytes ? undefined : readFileSync(file, 'utf8')
}

function decisionOf(
  { error, failure, session }: EvidenceSources,
  commands: readonly CommandRecord[],
  bundles: readonly EvidenceBundle[],
): Evidence['decision'] {
  const found = commandThatFailed(error, commands) ?? commandOfExpectation(error, failure, commands)
  if (found === undefined) return { undecidable: 'what the test expected is more than a shell can look at' }
  const before = commands.slice(0, found.position + 1)
  if (runBesideEachOther(before))
    return { undecidable: 'the test ran commands beside each other, and a shell runs them one by one' }
  if (bundles.some(({ root }) => root === undefined))
    return { undecidable: 'the test changed the files of a bundle by itself' }
  if (needsMore(before, bundles, session))
    return { undecidable: 'the test made files or namespaces of its own that are not here' }
  return found
}

/** A command whose failure was thrown: it should have succeeded. */
function commandThatFailed(error: unknown, commands: readonly CommandRecord[]): DecidingCommand | undefined {
  if (!(error instanceof RuntimeError) || error.code !== 'RUNTIME_EXITED') return undefined
  const position = commands.findLastIndex(
    ({ reproduction, exitCode }) =>
      shellQuote(reproduction) === error.commandLine && exitCode === error.exitCode,
  )
  return position < 0 ? undefined : { position, check: { kind: 'refused' }, isNegated: true }
}

function commandOfExpectation(
  error: unknown,
  failure: FailedExpectation | undefined,
  commands: readonly CommandRecord[],
): DecidingCommand | undefined {
  if (failure === undefined || !(error instanceof Error) || !error.message.includes(failure.message))
    return undefined
  const { check, isNegated, at } = failure
  const position = commands.findLastIndex((record) =>
    failure.command === undefined
      ? isAbout(check, record) && record.startedAt + record.durationMs <= at
      : record === failure.command,
  )
  return position < 0 ? undefined : { position, check, isNegated }
}

/** A state is told by `state`; anything may have been accepted that should have been refused. */
function isAbout({ kind }: Check, { verb, exitCode }: CommandRecord): boolean {
  return kind === 'status' ? verb === 'state' : exitCode === 0
}

function runBesideEachOther(commands: readonly CommandRecord[]): boolean {
  return commands.some((command, position) => {
    const next = commands[position + 1]
    return next !== undefined && next.startedAt < command.startedAt + command.durationMs
  })
}

/** Whether commands or configurations name something of the session but roots and bundles. */
function needsMore(
  commands: readonly CommandRecord[],
  bundles: readonly EvidenceBundle[],
  session: string,
): boolean {
  const texts = [
    ...commands.flatMap(({ reproduction }) =>
      reproduction.filter((_word, position) => reproduction[position - 1] !== '--root'),
    ),
    ...bundles.map(({ config }) => config),
  ]
  const usesTerminal = bundles.some(({ config }) => /"terminal":\s*true/.test(config))
  const own = bundles.flatMap(({ path, root }) => (root === undefined ? [path] : [path, root.path]))
  const withoutBundles = (text: string) => own.reduce((rest, path) => rest.replaceAll(path, ''), text)
  return usesTerminal || texts.some((text) => withoutBundles(text).includes(`/${session}/`))
}
