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
import { dirname } from 'node:path'
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

/** Packages that several entries use. */
const sharedPackages = ['commander', 'fast-deep-equal', 'jsonc-parser', 'semver', 'tar', 'valibot']

const pageScript = 'harness/report/html/page-script.js'

/** The directory of the package that a module belongs to. */
const packageOfModule = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/

execFileSync(process.execPath, [require.resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})
const { files, packages } = await joinModules()
const written = new Set([...files, pageScript])
await writePageScript()
removeStrangers()
write('dist/LICENSES', packages.map(licenseOf).join('\n'))
write('dist/suites/requirements.json', readFileSync('suites/requirements.json'))
write('dist/harness/report/html/page.css', readFileSync('harness/report/html/page.css'))
chmodSync('dist/harness/cli/main.js', 0o755)

const { jsonSchemaText } = await import('./dist/harness/spec/index.js')
for (const document of ['config', 'state', 'features', 'process']) {
  write(`dist/schema/${document}.json`, jsonSchemaText(document))
}

/**
 * What has native code, and the user's own vitest with its vite. Of ours only `expect` is taken, by which the runner's
 * tests expect. All other packages are joined in: to find their many files takes as long as to load what is in them.
 */
function isLoadedFromElsewhere(id, importer) {
  if (id === 'vitest') return !importer.endsWith('/run/test-expectations.js')
  return ['koffi', 'vitest/node'].includes(id)
}

/** Who needs a part of ours need not load the packages that other parts need. */
function sharedPackage(id) {
  return sharedPackages.find((name) => id.includes(`/node_modules/${name}/`))
}

/** @returns the names of the files in dist/, and the directories of the packages that are in them */
async function joinModules() {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, `dist/modules/${name}.js`])),
    external: isLoadedFromElsewhere,
    platform: 'node',
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'warn',
  })
  const { output } = await bundle.generate({
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups: [{ test: packageOfModule, name: sharedPackage }] },
    // The name of an error is that of its class.
    keepNames: true,
  })
  for (const { fileName, code } of output) write(`dist/${fileName}`, code)
  const modules = output.flatMap(({ moduleIds }) => moduleIds)
  return {
    files: output.map(({ fileName }) => fileName),
    packages: [...new Set(modules.flatMap((id) => packageOfModule.exec(id)?.[0] ?? []))].sort(),
  }
}

/** What a package wants to be told wherever it is, as its licence says. */
function licenseOf(directory) {
  const { name, version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'))
  const files = readdirSync(directory).filter((file) => /^licen[cs]e/i.test(file))
  if (files.length === 0) throw new Error(`${name} is joined in, and has no file with its licence`)
  return [
    `${name} ${version}, ${license}`,
    ...files.map((file) => readFileSync(`${directory}/${file}`, 'utf8')),
  ].join('\n\n')
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
