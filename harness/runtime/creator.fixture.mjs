// Another process that drives a runtime: creates containers, says so, and lives on as the parent of their inits.
//
//     node creator.fixture.mjs OPTIONS BUNDLE ID…       (OPTIONS: those of Runtime, as JSON)
import { Runtime } from '../../dist/modules/harness/runtime/index.js'

const [options, path, ...ids] = process.argv.slice(2)
const runtime = new Runtime(JSON.parse(options))
for (const id of ids) await runtime.runDetached({ path }, { id })
process.stdout.write('ready\n')
process.stdin.resume()
