import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import type { Figure } from './figure.ts'
import { hasFallenBack, purpose, record, referenceOf, writeJson } from './reference.ts'

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
    console.log(['', ...figures.map(lineOf), ''].join('\n'))
    writeJson(join('output', 'bench.json'), figures)
    if (purpose === 'record') record(figures)
    if (purpose === 'guard') guard(figures)
  }
}

function guard(figures: readonly Figure[]): void {
  for (const { name, value } of figures.filter(hasFallenBack)) {
    console.error(`'${name}' has fallen back: ${value.toFixed(2)}, on record is ${referenceOf(name)}`)
    process.exitCode = 1
  }
}

function lineOf({ name, value, unit, target, medians }: Figure): string {
  const shown = unit === 'ratio' ? `${value.toFixed(2)} ×` : `${value.toFixed(value < 1 ? 3 : 1)} ${unit}`
  const verdict = value <= target ? 'met' : 'MISSED'
  const of =
    medians === undefined ? '' : `  ${medians.subject.toFixed(2)} ms of ${medians.floor.toFixed(2)} ms`
  const reference = referenceOf(name)
  const before = reference === undefined ? '' : `  on record ${reference}`
  return `${name.padEnd(58)} ${shown.padStart(10)}  ${verdict}, target ${target}${of}${before}`
}
