import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { faults } from '../../faults/index.ts'
import { type Fault, FaultServer, UnknownFaultError } from '../fault/index.ts'
import { Session } from '../guard/index.ts'
import { resolveRuntime } from '../runtime/index.ts'
import { interruptions } from './interruptions.ts'

/** Adds `runwright faulty-runtime` to the command line. */
export function addFaultyRuntimeCommand(program: Command): void {
  program
    .command('faulty-runtime')
    .description('run a command, such as another test suite, with a runtime that has a fault')
    .argument('<fault>', "as 'runwright prove --list' shows it")
    .argument('<command...>', "after '--'; gets the path of the faulty runtime as RUNTIME in its environment")
    .option('--runtime <name or path>', 'the real runtime: a profile or a program', 'runc')
    .addHelpText('after', '\nExits as the command does.')
    .action(async (id: string, command: readonly string[], options: { readonly runtime: string }) => {
      process.exitCode = await perform(faultOf(id), command, options.runtime)
    })
}

function faultOf(id: string): Fault {
  const fault = faults.find((one) => one.id === id)
  if (fault !== undefined) return fault
  throw new UnknownFaultError(`there is no fault '${id}'; 'runwright prove --list' shows every one`)
}

async function perform(
  fault: Fault,
  [name = '', ...args]: readonly string[],
  runtime: string,
): Promise<number> {
  const { command: real } = await resolveRuntime(runtime)
  await using session = await Session.open()
  const directory = join(await session.temporaryDirectory('faults'), 'served')
  await using server = await FaultServer.start({ directory, real })
  // The command hears a terminal's signals itself; what it then does decides when this ends.
  using _interrupted = interruptions({ write: () => undefined })
  const child = spawn(name, args, {
    stdio: 'inherit',
    env: { ...process.env, ...session.environment, RUNTIME: server.add(fault) },
  })
  await once(child, 'exit')
  return child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGKILL']
}
