import { shellQuote } from '../../runtime/index.ts'
import { type Requirement, specificationUrl, type TestReport } from '../../suite/index.ts'
import { indented } from '../columns.ts'
import { explanationOf } from '../explanation.ts'
import { printable } from '../printable.ts'
import { againCommand, howItEnded } from '../repetition.ts'
import type { Results } from '../results.ts'
import { expectedOutputFile, type ReproSubject, reproScript } from './repro-script.ts'

/** A test that is red, and everything that its directory tells. */
export interface ArtifactSubject extends ReproSubject {
  readonly test: TestReport
  readonly requirements: readonly Requirement[]
  readonly host: Results['host']
  readonly runtime: Results['runtimes'][number]
}

/** The files of a test's directory: their names, and what they hold. */
export function artifactFiles(subject: ArtifactSubject): ReadonlyMap<string, string> {
  const { test, evidence, host, runtime } = subject
  const { decision, bundles } = evidence
  return new Map([
    ['README.md', readme(subject)],
    ['test.json', json(test)],
    ['host.json', json({ host, runtime })],
    ['commands.txt', commandsText(subject)],
    ['repro.sh', reproScript(subject)],
    ...bundles.map(({ config }, index) => [`bundle-${index + 1}/config.json`, config] as const),
    ...('check' in decision && decision.check.kind === 'printed'
      ? [[expectedOutputFile, decision.check.text] as const]
      : []),
  ])
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

function readme({ test, requirements, evidence, archives, host, runtime: known }: ArtifactSubject): string {
  const { title, id, runtime, outcome } = test
  const bundles = evidence.bundles.map(({ root, path }, index) => {
    const source = root === undefined ? undefined : archives.get(root.digest)
    const made =
      source === undefined
        ? 'its root file system was made by the test'
        : `unpack \`${source}\` (${root?.digest}) into \`rootfs\` beside it, as root: \`tar -xpf\``
    return `- \`bundle-${index + 1}/config.json\`, which was \`${path}\`: ${made}`
  })
  return [
    `# ${title}`,
    `\`${id}\` on ${runtime}: ${outcome}`,
    ...requirements.map((known) => `> **${known.level}** ${known.statement} (${specificationUrl(known)})`),
    indented(printable(explanationOf(test)), '    '),
    '`sudo sh repro.sh` shows it again, `RUNTIME=/path/to/it` with another runtime; it needs neither Node nor Runwright. ' +
      `With Runwright: \`${againCommand(test, { runtimes: [known], host })}\`.`,
    'commands.txt: every command with its output. test.json: the entry in results.json. host.json: where it ran.',
    ...(bundles.length === 0 ? [] : [bundles.join('\n')]),
    '',
  ].join('\n\n')
}

function commandsText({ evidence }: ArtifactSubject): string {
  return evidence.commands
    .map(({ reproduction, workingDirectory, stdout, stderr, log, durationMs, ...end }, index) => {
      const said = [
        ...section('stdout', stdout),
        ...section('stderr', stderr),
        ...log.map(({ level, message }) => `  log: ${printable(`${level}: ${message}`)}`),
      ]
      const head = `${index + 1}. ${printable(shellQuote(reproduction))}`
      return [
        head,
        `  in ${workingDirectory}: ${howItEnded(end)} after ${durationMs.toFixed(0)} ms`,
        ...said,
      ].join('\n')
    })
    .join('\n\n')
    .concat('\n')
}

function section(title: string, text: string): string[] {
  return text === '' ? [] : [`  ${title}:`, indented(printable(text).trimEnd(), '    ')]
}
