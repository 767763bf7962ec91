// Compiles the sources into dist/ and copies the data files beside them.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
mkdirSync('dist/suites', { recursive: true })
copyFileSync('suites/requirements.json', 'dist/suites/requirements.json')
chmodSync('dist/harness/cli/main.js', 0o755)
