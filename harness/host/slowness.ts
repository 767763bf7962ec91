/** Environment: how many times longer than on a usual machine everything may take, from 1 on; 1 without it. */
export const slownessVariable = 'RUNWRIGHT_SLOWNESS'

/**
 * A deadline as this machine deserves it. Where every instruction is emulated, what takes a second elsewhere takes
 * ten, and says nothing about the runtime.
 *
 * @param milliseconds on a usual machine
 */
export function atThisPace(milliseconds: number): number {
  const said = Number(process.env[slownessVariable] ?? 1)
  return Number.isFinite(said) && said > 1 ? milliseconds * said : milliseconds
}
