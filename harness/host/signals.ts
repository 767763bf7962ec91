import { constants } from 'node:os'
import { RunwrightError } from './errors.ts'

/** No signal has this name or number. */
export class UnknownSignalError extends RunwrightError {
  override readonly code = 'UNKNOWN_SIGNAL'
}

/** The signals that programs may use: C libraries keep the kernel's real-time signals 32 and 33 to themselves. */
const realTime = { SIGRTMIN: 34, SIGRTMAX: 64 } as const

const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries({ ...constants.signals, SIGCLD: constants.signals.SIGCHLD, ...realTime }),
)

/** Names that signal(7) lists as synonyms of another. */
const synonyms: readonly string[] = ['SIGIOT', 'SIGPOLL', 'SIGUNUSED']

const names: ReadonlyMap<number, NodeJS.Signals> = new Map(
  Object.entries(constants.signals).flatMap(([name, number]) =>
    isSignalName(name) && !synonyms.includes(name) ? [[number, name] as const] : [],
  ),
)

function isSignalName(name: string): name is NodeJS.Signals {
  return name in constants.signals
}

/**
 * Gives a signal's number.
 *
 * @param signal a number from 1 to 64, as number or text; or a name of signal(7), in any case, with or without `SIG`;
 * real-time signals as `RTMIN+1` or `RTMAX-2`.
 * @throws UnknownSignalError for anything else.
 */
export function parseSignal(signal: string | number): number {
  const number = typeof signal === 'number' ? signal : numberOf(signal.trim().toUpperCase())
  if (!Number.isInteger(number) || number < 1 || number > realTime.SIGRTMAX) {
    throw new UnknownSignalError(
      `${JSON.stringify(signal)} is not a signal: use a name such as TERM or RTMIN+1, or 1 to 64`,
    )
  }
  return number
}

function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  const name = text.startsWith('SIG') ? text : `SIG${text}`
  return numbers.get(name) ?? realTimeNumber(name)
}

function realTimeNumber(name: string): number {
  const [, edge, offset] = /^SIG(RTMIN\+|RTMAX-)(\d+)$/.exec(name) ?? []
  if (edge === undefined || offset === undefined) return Number.NaN
  const number = edge === 'RTMIN+' ? realTime.SIGRTMIN + Number(offset) : realTime.SIGRTMAX - Number(offset)
  return number < realTime.SIGRTMIN ? Number.NaN : number
}

/** A signal's name, or its number when it has none (the real-time signals). */
export function signalName(number: number): NodeJS.Signals | number {
  return names.get(number) ?? number
}
