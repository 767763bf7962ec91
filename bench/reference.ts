import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from './figure.ts'

/**
 * What the figures are taken for: to be looked at; to be put on record, as what later ones must not fall back from; or
 * to see whether they have. A guard takes only those that are compared with something, and of these the quick ones.
 */
export type Purpose = 'table' | 'record' | 'guard'

export const purpose: Purpose = purposeNamed(process.env['RUNWRIGHT_BENCH'])

/** A ratio that has grown by more than this over the one on record has fallen back. */
const tolerance = 1.3

const file = join('bench', 'reference.json')
const references: Readonly<Record<string, number>> = JSON.parse(readFileSync(file, 'utf8'))

function purposeNamed(name: string | undefined): Purpose {
  if (name === undefined || name === '') return 'table'
  if (name === 'record' || name === 'guard') return name
  throw new Error(`RUNWRIGHT_BENCH is '${name}': it can be 'record' or 'guard'`)
}

/** The ratio of this name that is on record, if one is. */
export function referenceOf(name: string): number | undefined {
  return references[name]
}

export function hasFallenBack({ name, unit, value }: Figure): boolean {
  const reference = references[name]
  return unit === 'ratio' && reference !== undefined && value > reference * tolerance
}

/** Puts the ratios among these figures on record. */
export function record(figures: readonly Figure[]): void {
  const ratios = figures.filter(({ unit }) => unit === 'ratio')
  writeJson(file, Object.fromEntries(ratios.map(({ name, value }) => [name, Number(value.toFixed(3))])))
}

export function writeJson(path: string, value: unknown): void {
  mkdirSync('output', { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}
