// A process that takes part in a session opened by another, and stays: node member.fixture.mjs DIRECTORY
import { Session } from '../../dist/harness/guard/index.js'

Session.join(process.argv[2])
process.stdout.write('joined\nready\n')
setInterval(() => undefined, 1_000_000)
