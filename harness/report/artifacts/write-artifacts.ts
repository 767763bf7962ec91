import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Evidence, Requirement, TestReport } from '../../suite/index.ts'
import type { Results } from '../results.ts'
import { writeWhole } from '../write-whole.ts'
import { artifactFiles } from './artifact-files.ts'

/** What the directories of the red tests are made of. */
export interface ArtifactSources {
  readonly results: Results
  readonly catalogue: ReadonlyMap<string, Requirement>
  /** The evidence of a test, by `evidenceKey`. */
  readonly evidence: ReadonlyMap<string, Evidence>
  /** Finds the file of an archive by its name. */
  readonly archiveNamed: (name: string) => Promise<{ readonly path: string; readonly digest: string }>
}

/** By what evidence is found again. */
export function evidenceKey({ id, runtime }: Pick<TestReport, 'id' | 'runtime'>): string {
  return `${runtime}\n${id}`
}

/**
 * Writes a directory for every test of which there is evidence, below `artifacts/` of the output directory, and a copy
 * of each archive that their bundles are made of. What an earlier run has left in `artifacts/` is removed.
 *
 * @returns the results, each such test with its directory
 * @throws what the file system throws, such as ENOSPC
 */
export async function writeArtifacts(output: string, sources: ArtifactSources): Promise<Results> {
  const { results, evidence } = sources
  await rm(join(output, 'artifacts'), { recursive: true, force: true })
  const archives = await copyArchives(output, sources)
  const tests: TestReport[] = []
  for (const test of results.tests) {
    const found = evidence.get(evidenceKey(test))
    tests.push(found === undefined ? test : await writeTest(output, test, found, sources, archives))
  }
  return { ...results, tests }
}

/** The path of each archive's copy, by digest. An archive that has changed meanwhile is not the one of the evidence. */
async function copyArchives(
  output: string,
  { evidence, archiveNamed }: ArtifactSources,
): Promise<ReadonlyMap<string, string>> {
  const names = new Set(
    [...evidence.values()].flatMap(({ bundles }) => bundles.flatMap(({ root }) => root?.archive ?? [])),
  )
  const copies = new Map<string, string>()
  for (const name of names) {
    const { path, digest } = await archiveNamed(name)
    const copy = join(output, 'artifacts', 'archives', basename(path))
    await mkdir(dirname(copy), { recursive: true })
    await copyFile(path, copy)
    copies.set(digest, copy)
  }
  return copies
}

async function writeTest(
  output: string,
  test: TestReport,
  evidence: Evidence,
  { results, catalogue }: ArtifactSources,
  copies: ReadonlyMap<string, string>,
): Promise<TestReport> {
  const { host, runtimes } = results
  const runtime = runtimes.find(({ name }) => name === test.runtime)
  if (runtime === undefined) return test
  const artifacts = join('artifacts', directoryName(test.runtime), ...test.id.split('/').map(directoryName))
  const directory = join(output, artifacts)
  const files = artifactFiles({
    test: { ...test, artifacts },
    evidence,
    program: runtime.command,
    archives: new Map([...copies].map(([digest, copy]) => [digest, relative(directory, copy)])),
    requirements: test.covers.flatMap((id) => catalogue.get(id) ?? []),
    host,
    runtime,
  })
  for (const [name, text] of files) await writeWhole(join(directory, name), text)
  await chmod(join(directory, 'repro.sh'), 0o755)
  return { ...test, artifacts }
}

/** A runtime may be named by a path. */
function directoryName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+/, '') || 'unnamed'
}
