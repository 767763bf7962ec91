import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import type { Figure } from './figure.ts'

/** A ratio that has grown by more than this over the one on record fails the guard. */
const tolerance = 1.3

/**
 * Shows the figures in a table and writes them to `output/bench.json`. With `RUNWRIGHT_BENCH=guard` a ratio that has
 * fallen back from `bench/reference.json` fails the run; with `RUNWRIGHT_BENCH=record` that file is written.
 */
export class FigureTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const figures = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => test.meta().figures ?? []),
    )
    if (figures.length === 0) return
    const references = readReferences()
    console.log(['', ...figures.map((figure) => lineOf(figure, references[figure.name])), ''].join('\n'))
    write(join('output', 'bench.json'), figures)
    if (process.env['RUNWRIGHT_BENCH'] === 'record') record(figures)
    if (process.env['RUNWRIGHT_BENCH'] === 'guard') guard(figures, references)
  }
}

const referenceFile = join('bench', 'reference.json')

function readReferences(): Readonly<Record<string, number>> {
  const references: Readonly<Record<string, number>> = JSON.parse(readFileSync(referenceFile, 'utf8'))
  return references
}

function record(figures: readonly Figure[]): void {
  const ratios = figures.filter(({ unit }) => unit === 'ratio')
  write(referenceFile, Object.fromEntries(ratios.map(({ name, value }) => [name, Number(value.toFixed(3))])))
}

function guard(figures: readonly Figure[], references: Readonly<Record<string, number>>): void {
  for (const { name, unit, value } of figures) {
    const reference = references[name]
    if (unit !== 'ratio' || reference === undefined || value <= reference * tolerance) continue
    console.error(`'${name}' has fallen back: ${value.toFixed(2)}, on record is ${reference}`)
    process.exitCode = 1
  }
}

function write(path: string, value: unknown): void {
  mkdirSync('output', { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

function lineOf({ name, value, unit, target, medians }: Figure, reference: number | undefined): string {
  const shown = unit === 'ratio' ? `${value.toFixed(2)} ×` : `${value.toFixed(value < 1 ? 3 : 1)} ${unit}`
  const verdict = value <= target ? 'met' : 'MISSED'
  const of =
    medians === undefined ? '' : `  ${medians.subject.toFixed(2)} ms of ${medians.floor.toFixed(2)} ms`
  const before = reference === undefined ? '' : `  on record ${reference}`
  return `${name.padEnd(58)} ${shown.padStart(10)}  ${verdict}, target ${target}${of}${before}`
}
