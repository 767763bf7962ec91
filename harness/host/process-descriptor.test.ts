import { expect, test } from 'vitest'
import { compiled, runModule } from './modules.fixture.ts'

const errors = { EPERM: 1, ENOSYS: 38 } // an old seccomp profile's answer, and an old kernel's

test.each(Object.entries(errors))(
  'without process descriptors (%s) signals and exits still arrive',
  async (_, errno) => {
    const body = `
    import { filterSystemCalls, openProcess } from ${compiled('system-calls.js')}
    filterSystemCalls([
      [0x20, 0, 0, 0], // the number of the call
      [0x15, 0, 1, 434], // if it is pidfd_open
      [0x06, 0, 0, 0x0005_0000 | ${errno}], // it fails
      [0x06, 0, 0, 0x7fff_0000],
    ])
    try { openProcess(process.pid) } catch (error) { console.log(error.errno) }
    const orphan = await startOrphan('exec sleep 60')
    const exit = waitForExit(orphan)
    console.log(signalProcess({ ...orphan, startTime: 1n }, 'KILL'), signalProcess(orphan, 'TERM'))
    console.log((await exit).signal, signalProcess(orphan, 'TERM'))`
    expect(await runModule(body)).toBe(`${errno}\ngone sent\nSIGTERM gone\n`)
  },
)
