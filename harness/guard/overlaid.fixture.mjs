// A program with private bundles of the current session, one of which has a container in it. It never ends by itself.
//
//     node overlaid.fixture.mjs
import { createBusyboxBundle, currentSession } from '../../dist/modules/harness/guard/index.js'

const session = await currentSession()
process.stdout.write(`${session.directory}\n`)
const used = await createBusyboxBundle('used', ['sh', '-c', 'echo x > /x; exec sleep 1000'], undefined, {
  rootfs: 'private',
})
await createBusyboxBundle('unused', ['true'], undefined, { rootfs: 'private' })
const runtime = await session.runtime('runc')
await runtime.runDetached(used)
process.stdout.write('ready\n')
setInterval(() => undefined, 1_000_000)
