import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { programPath } from '../../host/index.ts'
import type { Requirement } from '../../suite/index.ts'
import { embeddedJson } from '../embedded-json.ts'
import { printableLine } from '../printable.ts'
import { isGreen, type Results } from '../results.ts'
import { runtimeTitle } from '../runtime-title.ts'
import { escaped } from '../xml.ts'
import { gatherPageData } from './gather-page-data.ts'

/**
 * The results as one HTML page that needs nothing else: style, script and data are in it, and its content security
 * policy lets it run that script, load nothing and send nothing.
 *
 * @throws IncompletePackageError when the compiled script is missing
 */
export function htmlReport(results: Results, catalogue: ReadonlyMap<string, Requirement>): string {
  const data = gatherPageData(results, catalogue)
  const style = readFileSync(programPath('harness/report/html/page.css'), 'utf8')
  const script = readFileSync(programPath('harness/report/html/page-script.js'), 'utf8')
  const policy = [
    "default-src 'none'",
    `style-src '${fingerprint(style)}'`,
    `script-src '${fingerprint(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(titleOf(results))}</title>
<style>${style}</style>
</head>
<body>
<noscript>This page shows results.json with a script of its own; 'runwright report --format text' needs none.</noscript>
<script type="application/json" id="data">${embeddedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`
}

function titleOf(results: Results): string {
  const names = results.runtimes.map(runtimeTitle).join(', ')
  return printableLine(`${isGreen(results) ? 'green' : 'red'}: ${names} · Runwright`, 200)
}

function fingerprint(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
