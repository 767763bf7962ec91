// A process that takes part in a session opened by another, tries to close it, and stays.
//
//     node member.fixture.mjs DIRECTORY
import { Session } from '../../dist/modules/harness/guard/index.js'

const session = Session.join(process.argv[2])
process.stdout.write(`${session.isOwn} ${JSON.stringify(await session.close())}\nready\n`)
setInterval(() => undefined, 1_000_000)
