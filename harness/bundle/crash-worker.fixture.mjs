// Makes, removes and looks at bundles, at random and for ever, until it is killed. Started by crash.test.ts with the
// path of the compiled registry, the directory, the archive and the file to report to.
import { execFile } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const [, , registryModule, directory, archivePath, reportPath] = process.argv
const { BundleConflictError, BundleRegistry, NoSuchBundleError } = await import(registryModule)
const expectedFiles = 24

const archives = {
  resolve: async (name) => ({ name, path: archivePath, digest: 'sha256:0' }),
  populate: async (_, destination) => {
    mkdirSync(destination)
    await promisify(execFile)('tar', ['-C', destination, '-xf', archivePath])
  },
}
const referenceSpec = async () => ({ ociVersion: '1.0.0', process: { cwd: '/', args: [] } })

function report(line) {
  appendFileSync(reportPath, `${JSON.stringify(line)}\n`)
}

function pick(...choices) {
  return choices[Math.floor(Math.random() * choices.length)]
}

/** A bundle that has its name must be whole; one that is being removed has lost it first. */
function check(bundle) {
  let descriptor
  try {
    descriptor = openSync(bundle.path, 'r')
  } catch {
    return
  }
  const flaw = flawOf(`/proc/self/fd/${descriptor}`, bundle)
  const before = lstatSync(`/proc/self/fd/${descriptor}/.`).ino
  closeSync(descriptor)
  const after = lstatSync(bundle.path, { throwIfNoEntry: false })
  if (flaw !== undefined && after?.ino === before) report({ violation: `${bundle.name}: ${flaw}` })
}

function flawOf(path, { spec }) {
  try {
    const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))
    if (config.hostname !== spec.hostname)
      return `config.json is ${config.hostname}, the stamp ${spec.hostname}`
    if (!existsSync(join(path, 'io'))) return 'no io'
    const files = readdirSync(join(path, 'rootfs')).length
    return files === expectedFiles ? undefined : `${files} files`
  } catch (error) {
    return error.message
  }
}

async function step(registry) {
  const name = pick('kept-1', 'kept-2', 'removed-1', 'removed-2')
  const variant = pick('red', 'green')
  try {
    if (name.startsWith('removed') && Math.random() < 0.5) {
      await registry.removeBundle(name)
      return
    }
    const bundle = await registry.createBusyboxBundle(name, [variant], (spec) => {
      spec.hostname = variant
    })
    if (bundle.spec.hostname !== variant) report({ violation: `${name}: got another definition` })
    report({ name, variant })
    check(bundle)
    for (const other of await registry.list()) check(other)
  } catch (error) {
    if (!(error instanceof BundleConflictError) && !(error instanceof NoSuchBundleError)) {
      report({ violation: `unexpected: ${error.stack}` })
    }
  }
}

for (;;) {
  report({ begins: true })
  await step(new BundleRegistry({ directory, archives, referenceSpec }))
}
