// Compiles the sources into dist/, copies the data files beside them, bundles the script of the HTML page and writes
// the JSON Schema files.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'rolldown'

const require = createRequire(import.meta.url)
const pageScript = 'dist/harness/report/html/page-script.js'

execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
removeOutputsWithoutSource()
mkdirSync('dist/suites', { recursive: true })
copyFileSync('suites/requirements.json', 'dist/suites/requirements.json')
copyFileSync('harness/report/html/page.css', 'dist/harness/report/html/page.css')
chmodSync('dist/harness/cli/main.js', 0o755)

await build({
  input: 'harness/report/html/browser/main.ts',
  output: { file: pageScript, format: 'iife' },
  platform: 'browser',
  logLevel: 'warn',
})

const { jsonSchemaText } = await import('./dist/harness/spec/index.js')
mkdirSync('dist/schema', { recursive: true })
for (const document of ['config', 'state', 'features', 'process']) {
  writeFileSync(`dist/schema/${document}.json`, jsonSchemaText(document))
}

/** The compiler leaves what it made of a source that is gone, and it would be packed. */
function removeOutputsWithoutSource() {
  for (const name of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    const [, source] = /^(.*)(?:\.d\.ts|\.js)$/.exec(name) ?? []
    if (source === undefined || existsSync(`${source}.ts`) || `dist/${name}` === pageScript) continue
    rmSync(`dist/${name}`, { force: true })
  }
}
