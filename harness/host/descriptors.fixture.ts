import { createRequire } from 'node:module'

const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi')
const libc = koffi.load(null)
const libraryFunctions = {
  posix_openpt: libc.func('posix_openpt', 'int', ['int']),
  grantpt: libc.func('grantpt', 'int', ['int']),
  unlockpt: libc.func('unlockpt', 'int', ['int']),
  ptsname: libc.func('ptsname', 'str', ['int']),
  socket: libc.func('socket', 'int', ['int', 'int', 'int']),
  connect: libc.func('connect', 'int', ['int', 'void *', 'uint']),
  sendmsg: libc.func('sendmsg', 'long', ['int', 'void *', 'int']),
}

const O_RDWR = 2
const O_NOCTTY = 0o400
const O_CLOEXEC = 0o2000000

/** Makes a pseudo-terminal: its master's descriptor, and the path of the side that programs use. */
export function makePseudoTerminal(): { master: number; path: string } {
  const master: number = libraryFunctions.posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
  if (libraryFunctions.grantpt(master) !== 0 || libraryFunctions.unlockpt(master) !== 0) {
    throw new Error('no pseudo-terminal could be made')
  }
  return { master, path: libraryFunctions.ptsname(master) }
}

/** Connects to a UNIX socket; gives the descriptor. */
export function connectTo(path: string): number {
  const connection: number = libraryFunctions.socket(1, 1, 0)
  const address = Buffer.concat([Buffer.of(1, 0), Buffer.from(path), Buffer.of(0)])
  if (libraryFunctions.connect(connection, address, address.length) !== 0)
    throw new Error(`no connection to ${path}`)
  return connection
}

/** Sends descriptors over a connection, with bytes beside them. */
export function sendDescriptors(connection: number, descriptors: readonly number[], text: string): void {
  const payload = Buffer.from(text)
  const control = Buffer.alloc(16 + 8 * Math.ceil(descriptors.length / 2))
  control.writeUInt32LE(16 + 4 * descriptors.length, 0)
  control.writeInt32LE(1, 8) // SOL_SOCKET
  control.writeInt32LE(1, 12) // SCM_RIGHTS
  for (const [position, descriptor] of descriptors.entries()) {
    control.writeInt32LE(descriptor, 16 + 4 * position)
  }
  const addressOf = (bytes: Uint8Array | BigUint64Array) => BigInt(koffi.address(bytes))
  const vector = BigUint64Array.of(addressOf(payload), BigInt(payload.length))
  const controlLength = descriptors.length === 0 ? 0n : BigInt(control.length)
  const header = BigUint64Array.of(0n, 0n, addressOf(vector), 1n, addressOf(control), controlLength, 0n)
  if (libraryFunctions.sendmsg(connection, header, 0) < 0) throw new Error(`sending failed: ${koffi.errno()}`)
}
