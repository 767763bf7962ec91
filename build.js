// Compiles the sources into dist/modules, joins these into the few files of dist/ that Node loads fast, copies the data
// files beside them, bundles the script of the HTML page and writes the JSON Schema files.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute } from 'node:path'
import { rolldown } from 'rolldown'

const require = createRequire(import.meta.url)

/** What is loaded by its path: the faces of the package, and the programs that it starts. */
const entries = [
  'harness/index',
  'harness/spec/index',
  'harness/vitest/index',
  'suites/index',
  'harness/cli/main',
  'harness/run/worker-program',
  'harness/guard/reaper-program',
  'harness/host/seccomp-need-program',
]

const pageScript = 'harness/report/html/page-script.js'

execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
const written = new Set([...(await joinModules()), pageScript])
await writePageScript()
removeStrangers()
write('dist/suites/requirements.json', readFileSync('suites/requirements.json'))
write('dist/harness/report/html/page.css', readFileSync('harness/report/html/page.css'))
chmodSync('dist/harness/cli/main.js', 0o755)

const { jsonSchemaText } = await import('./dist/harness/spec/index.js')
for (const document of ['config', 'state', 'features', 'process']) {
  write(`dist/schema/${document}.json`, jsonSchemaText(document))
}

/** @returns the names of the files in dist/ */
async function joinModules() {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, `dist/modules/${name}.js`])),
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    platform: 'node',
    logLevel: 'warn',
  })
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // The name of an error is that of its class.
    keepNames: true,
  })
  for (const { fileName, code } of output) write(`dist/${fileName}`, code)
  return output.map(({ fileName }) => fileName)
}

async function writePageScript() {
  const bundle = await rolldown({
    input: 'harness/report/html/browser/main.ts',
    platform: 'browser',
    logLevel: 'warn',
  })
  const { output } = await bundle.generate({ format: 'iife' })
  write(`dist/${pageScript}`, output[0].code)
}

/** Whole or not at all, and only what is new: others may be running from dist/ meanwhile, or building. */
function write(path, content) {
  if (existsSync(path) && readFileSync(path).equals(Buffer.from(content))) return
  mkdirSync(dirname(path), { recursive: true })
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, content)
  renameSync(aside, path)
}

/** The compiler leaves what it made of a source that is gone, and it would be packed; so would joined files of before. */
function removeStrangers() {
  for (const name of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    const [, source, ending] = /^(?:modules\/)?(.*)(\.d\.ts|\.js)$/.exec(name) ?? []
    if (source === undefined || written.has(name)) continue
    const isCompiled = name.startsWith('modules/') || ending === '.d.ts'
    if (isCompiled && existsSync(`${source}.ts`)) continue
    rmSync(`dist/${name}`, { force: true })
  }
}
