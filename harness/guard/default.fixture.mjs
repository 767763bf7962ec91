// A program that uses the default registry and a runtime of the current session, and ends without closing anything.
//
//     node default.fixture.mjs
import {
  createBundleWithFilter,
  createBusyboxBundle,
  currentSession,
  getBundle,
} from '../../dist/modules/harness/guard/index.js'

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)

const session = await currentSession()
print(session.directory)
const bundle = await createBusyboxBundle('echo', ['echo', 'hello'])
const same = await createBundleWithFilter('busybox', 'echo', ['echo', 'hello'], () => undefined)
const found = await getBundle('echo')
print([bundle.path, same.path, found?.path, (await getBundle('no-such'))?.path])
const runtime = await session.runtime('runc')
print((await runtime.run(bundle)).stdout)
await runtime.runDetached(await createBusyboxBundle('sleep', ['sleep', '1000']))
process.exit()
