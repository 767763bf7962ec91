// Compiles the sources into dist/, copies the data files beside them and writes the JSON Schema files.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
mkdirSync('dist/suites', { recursive: true })
copyFileSync('suites/requirements.json', 'dist/suites/requirements.json')
chmodSync('dist/harness/cli/main.js', 0o755)

const { jsonSchemaText } = await import('./dist/harness/spec/index.js')
mkdirSync('dist/schema', { recursive: true })
for (const document of ['config', 'state', 'features', 'process']) {
  writeFileSync(`dist/schema/${document}.json`, jsonSchemaText(document))
}
