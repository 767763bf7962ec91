import { probeNeed, RunwrightError } from '../host/index.ts'

/** The command needs a privilege that this process does not have. */
class NoPrivilegeError extends RunwrightError {
  override readonly code = 'NO_PRIVILEGE'
}

/** @throws NoPrivilegeError when this process cannot run containers */
export async function requirePrivilege(): Promise<void> {
  const root = await probeNeed('root')
  if (root.met) return
  throw new NoPrivilegeError(
    `running containers takes root: ${root.reason}; ${root.remedy}\n` +
      "'runwright doctor' shows what this host lacks, 'runwright list' what would run",
  )
}
