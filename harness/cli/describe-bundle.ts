import type { Bundle } from '../bundle/index.ts'
import { columns, widthOf } from '../report/index.ts'

/** Bundles, one a line: name, archive, directory. */
export function describeBundles(bundles: readonly Bundle[], width = widthOf(process.stdout)): string {
  if (bundles.length === 0) return "There are no bundles; 'runwright bundle create NAME' makes one."
  return columns(
    bundles.map(({ name, source, path }) => [{ text: name }, { text: source }, { text: path }]),
    width,
  )
}

/** What a bundle is made of, and how to run it. */
export function describeBundle(bundle: Bundle, width = widthOf(process.stdout)): string {
  const { name, source, archiveDigest, path, spec } = bundle
  const rows: readonly (readonly [string, string])[] = [
    ['name', name],
    ['archive', `${source} (${archiveDigest})`],
    ['directory', path],
    ['process', (spec.process?.args ?? []).map((word) => JSON.stringify(word)).join(' ')],
    ['to run it', `runc run --bundle ${path} ${name}`],
  ]
  return columns(
    rows.map(([field, text]) => [{ text: field }, { text }]),
    width,
  )
}
