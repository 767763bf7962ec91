import { dirname } from 'node:path'
import { VirtualMachineDiedError } from '../machine/index.ts'
import { lostResults } from './lost-run.ts'
import { planRun } from './plan-run.ts'
import { publishRun } from './publish-run.ts'
import { runInVm } from './run-in-vm.ts'
import type { RunRequest, RunTerminal } from './run-request.ts'
import type { VmOptions } from './vm-options.ts'

/**
 * Runs a command line in one guest, which also tells what it found; where the guest is lost, that is told here.
 *
 * @returns the exit code: that of the run in the guest, or of a red one
 */
export async function runInGuest(
  asked: RunRequest,
  { kernel: [kernel] = [], ...options }: VmOptions,
  terminal: RunTerminal,
): Promise<number> {
  // Nothing was found that could go into the list.
  const { updateDeviations, ...request } = asked
  const written = [request.output, ...(updateDeviations === undefined ? [] : [dirname(updateDeviations)])]
  const { output, cancelled } = terminal
  const startedAt = new Date()
  try {
    return await runInVm(options, { kernel, written, output, cancelled })
  } catch (error) {
    if (!(error instanceof VirtualMachineDiedError)) throw error
    const plan = await planRun(request)
    const results = lostResults({ request, plan, reason: error.message, startedAt, runtimes: [] })
    return await publishRun(results, { request, terminal, catalogue: plan.named.catalogue, known: [] })
  }
}
