/**
 * Every call into the C library, behind wrappers that take and give plain values and throw SystemCallError.
 *
 * The library koffi costs about 10 ms to load, so it is loaded by the first call and never by an import. Symbols come
 * from the running program, which has its C library loaded whatever its name is (glibc, musl). Structures are filled
 * through typed arrays, in native byte order and the layout that all 64-bit Linux machines share; glibc and musl
 * differ in the types of msghdr and cmsghdr, not in the bytes of a little-endian machine.
 */
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { SystemCallError, UnsupportedMachineError } from './system-call-error.ts'

/** Little-endian 64-bit machines with the kernel's generic numbers for ioctl, open flags and signals. */
const supportedMachines: readonly string[] = ['x64', 'arm64', 'riscv64', 'loong64']

/** Numbers of the calls that C libraries wrap late or never; x86 numbers the older ones in its own way. */
const callNumbers = {
  bpf: process.arch === 'x64' ? 321 : 280,
  sched_getattr: process.arch === 'x64' ? 315 : 275,
  pidfd_send_signal: 424,
  pidfd_open: 434,
} as const

const PR_SET_SECCOMP = 22
const PR_SET_CHILD_SUBREAPER = 36
const PR_SET_NO_NEW_PRIVS = 38
const SECCOMP_MODE_FILTER = 2
const BPF_PROG_LOAD = 5
const BPF_PROG_ATTACH = 8
const BPF_F_ALLOW_MULTI = 2
const O_APPEND = 0o2000
const O_NONBLOCK = 0o4000
const O_CLOEXEC = 0o2000000
const MFD_CLOEXEC = 1
const F_GETFL = 3
const F_SETFL = 4
const F_DUPFD_CLOEXEC = 1030
const P_PID = 1
const WNOHANG = 1
const WEXITED = 4
const AF_UNIX = 1
const SOCK_STREAM = 1
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_CTRUNC = 0x8
const MSG_CMSG_CLOEXEC = 0x40000000
const TIOCGWINSZ = 0x5413
const TIOCSWINSZ = 0x5414
const MS_RDONLY = 1
const MS_REMOUNT = 0x20
const MS_BIND = 0x1000
const MS_PRIVATE = 0x40000
const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8

type Koffi = typeof import('koffi')
type Structure = Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigUint64Array

interface Library {
  readonly koffi: Koffi
  readonly syscall: (
    number: number,
    first: number,
    second: number | bigint,
    third: number,
    fourth: number,
  ) => number
  readonly prctl: (option: number, second: number, third: bigint, fourth: number, fifth: number) => number
  readonly waitid: (kind: number, id: number, information: Structure, options: number) => number
  readonly memfd_create: (name: string, flags: number) => number
  readonly pipe2: (descriptors: Structure, flags: number) => number
  readonly close: (descriptor: number) => number
  readonly poll: (descriptors: Structure, count: number, timeoutMs: number) => number
  readonly fcntl: (descriptor: number, command: number, value: number) => number
  readonly ioctl: (descriptor: number, request: number, structure: Structure) => number
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly bind: (descriptor: number, address: Structure, length: number) => number
  readonly listen: (descriptor: number, backlog: number) => number
  readonly accept4: (descriptor: number, address: null, length: null, flags: number) => number
  readonly recvmsg: (descriptor: number, header: Structure, flags: number) => number
  readonly mount: (
    source: string,
    target: string,
    type: string | null,
    flags: number,
    data: string | null,
  ) => number
  readonly umount2: (path: string, flags: number) => number
  readonly llistxattr: (path: Uint8Array, names: null, size: number) => number
}

let loaded: Library | undefined

function library(): Library {
  loaded ??= load()
  return loaded
}

function load(): Library {
  if (!supportedMachines.includes(process.arch)) {
    throw new UnsupportedMachineError(
      `system calls are not supported on ${process.arch}: use one of ${supportedMachines.join(', ')}`,
    )
  }
  const koffi: Koffi = createRequire(import.meta.url)('koffi')
  const libc = koffi.load(null)
  return {
    koffi,
    syscall: libc.func('syscall', 'long', ['long', 'long', 'long', 'long', 'long']),
    prctl: libc.func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']),
    waitid: libc.func('waitid', 'int', ['int', 'uint', 'void *', 'int']),
    memfd_create: libc.func('memfd_create', 'int', ['str', 'uint']),
    pipe2: libc.func('pipe2', 'int', ['void *', 'int']),
    close: libc.func('close', 'int', ['int']),
    poll: libc.func('poll', 'int', ['void *', 'ulong', 'int']),
    fcntl: libc.func('fcntl', 'int', ['int', 'int', 'long']),
    ioctl: libc.func('ioctl', 'int', ['int', 'ulong', 'void *']),
    socket: libc.func('socket', 'int', ['int', 'int', 'int']),
    bind: libc.func('bind', 'int', ['int', 'void *', 'uint']),
    listen: libc.func('listen', 'int', ['int', 'int']),
    accept4: libc.func('accept4', 'int', ['int', 'void *', 'void *', 'int']),
    recvmsg: libc.func('recvmsg', 'long', ['int', 'void *', 'int']),
    mount: libc.func('mount', 'int', ['str', 'str', 'str', 'ulong', 'str']),
    umount2: libc.func('umount2', 'int', ['str', 'int']),
    llistxattr: libc.func('llistxattr', 'long', ['void *', 'void *', 'ulong']),
  }
}

/** Gives a call's result, or throws when it is the -1 that means an error. */
function checked(result: number, call: string, purpose: string): number {
  if (result === -1) throw new SystemCallError(call, library().koffi.errno(), purpose)
  return result
}

/** Where a structure is in memory; it stays there as long as it is used afterwards. */
function addressOf(structure: Structure): bigint {
  return BigInt(library().koffi.address(structure))
}

/** prctl(PR_SET_CHILD_SUBREAPER): orphaned descendants become children of this process. */
export function setChildSubreaper(): void {
  checked(library().prctl(PR_SET_CHILD_SUBREAPER, 1, 0n, 0, 0), 'prctl', 'become a child subreaper')
}

/** pidfd_open(2), kernel 5.3: a descriptor that becomes readable when the process ends. It is close-on-exec. */
export function openProcess(pid: number): number {
  const descriptor = library().syscall(callNumbers.pidfd_open, pid, 0, 0, 0)
  return checked(descriptor, 'pidfd_open', `watch process ${pid}`)
}

/** pidfd_send_signal(2), kernel 5.1. */
export function sendSignal(processDescriptor: number, signal: number): void {
  const result = library().syscall(callNumbers.pidfd_send_signal, processDescriptor, signal, 0, 0)
  checked(result, 'pidfd_send_signal', `send signal ${signal}`)
}

/** close(2). Node's own `closeSync` warns in worker threads about descriptors that it did not open itself. */
export function closeDescriptor(descriptor: number): void {
  checked(library().close(descriptor), 'close', `close descriptor ${descriptor}`)
}

/** How a process is scheduled: struct sched_attr of sched_setattr(2). Times are nanoseconds, 0 but under SCHED_DEADLINE. */
export interface SchedulingAttributes {
  /** A policy of sched(7) by its number, such as 0 for SCHED_OTHER. */
  readonly policy: number
  /** The bits SCHED_FLAG_*. */
  readonly flags: bigint
  readonly runtime: bigint
  readonly deadline: bigint
  readonly period: bigint
}

/** sched_getattr(2), kernel 3.14. */
export function schedulingAttributes(pid: number): SchedulingAttributes {
  const attributes = new BigUint64Array(6) // 48 bytes: size and policy, flags, nice and priority, three times
  const result = library().syscall(
    callNumbers.sched_getattr,
    pid,
    addressOf(attributes),
    attributes.byteLength,
    0,
  )
  checked(result, 'sched_getattr', `see how process ${pid} is scheduled`)
  const [sizeAndPolicy = 0n, flags = 0n, , runtime = 0n, deadline = 0n, period = 0n] = attributes
  return { policy: Number(sizeAndPolicy >> 32n), flags, runtime, deadline, period }
}

/** What a descriptor is awaited for: data (or a hang-up), or room to write. */
export type Direction = 'readable' | 'writable'

const pollEvents: Readonly<Record<Direction, number>> = { readable: 1, writable: 4 } // POLLIN, POLLOUT

/** poll(2) without waiting: whether a descriptor is ready, has failed or has hung up. */
export function isReady(descriptor: number, direction: Direction): boolean {
  const polled = new Int16Array(4) // struct pollfd: the descriptor (4 bytes), events and returned events (2 each)
  new Int32Array(polled.buffer)[0] = descriptor
  polled[2] = pollEvents[direction]
  return checked(library().poll(polled, 1, 0), 'poll', `look at descriptor ${descriptor}`) > 0
}

/** A watch kept by koffi in the event loop of this thread (uv_poll). */
export type DescriptorWatch = ReturnType<Koffi['node']['poll']>

/**
 * Lets the event loop watch a descriptor, which may be watched once at a time. The watch must be closed before the
 * descriptor is, and before this thread ends: koffi aborts the process when it fires later than that.
 *
 * @param onReady called each time round the loop while the descriptor is ready; must not throw.
 */
export function watchDescriptor(
  descriptor: number,
  direction: Direction,
  onReady: () => void,
): DescriptorWatch {
  return library().koffi.node.poll(descriptor, { [direction]: true }, onReady)
}

/** What waitid(2) says of a child that ended: `how` is a CLD_ number, `status` an exit code or a signal number. */
export interface ChildExit {
  readonly how: number
  readonly status: number
}

/**
 * waitid(2) without waiting: collects the status of a child that has ended, which removes it from the process table.
 * Undefined when it runs on.
 *
 * @throws SystemCallError with ECHILD when it is not (or no longer) a child of this process.
 */
export function collectChild(pid: number): ChildExit | undefined {
  const information = new Int32Array(32) // siginfo_t: 128 bytes; si_code at 8, si_pid at 16, si_status at 24
  const result = library().waitid(P_PID, pid, information, WEXITED | WNOHANG)
  checked(result, 'waitid', `collect the exit status of process ${pid}`)
  const [, , how = 0, , child = 0, , status = 0] = information
  return child === 0 ? undefined : { how, status }
}

/**
 * memfd_create(2): an empty file without a name, which goes when its last descriptor is closed; close-on-exec. It is
 * appended to, so that a program which opens its output once more is not written over.
 */
export function createMemoryFile(): number {
  const purpose = 'make a file in memory'
  const descriptor = checked(library().memfd_create('runwright', MFD_CLOEXEC), 'memfd_create', purpose)
  addStatusFlag(descriptor, O_APPEND, purpose)
  return descriptor
}

/** pipe2(2): reading end, writing end, both close-on-exec. */
export function openPipe(): readonly [readable: number, writable: number] {
  const ends = new Int32Array(2)
  checked(library().pipe2(ends, O_CLOEXEC), 'pipe2', 'make a pipe')
  const [readable = -1, writable = -1] = ends
  return [readable, writable]
}

/** fcntl(F_DUPFD_CLOEXEC): another descriptor of the same open file, close-on-exec. */
export function duplicateDescriptor(descriptor: number): number {
  const copy = library().fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  return checked(copy, 'fcntl', `duplicate descriptor ${descriptor}`)
}

/** fcntl(F_SETFL, O_NONBLOCK): reads and writes give EAGAIN instead of waiting, for every holder of the open file. */
export function makeNonBlocking(descriptor: number): void {
  addStatusFlag(descriptor, O_NONBLOCK, `make descriptor ${descriptor} non-blocking`)
}

function addStatusFlag(descriptor: number, flag: number, purpose: string): void {
  const flags = checked(library().fcntl(descriptor, F_GETFL, 0), 'fcntl', purpose)
  checked(library().fcntl(descriptor, F_SETFL, flags | flag), 'fcntl', purpose)
}

/** The size of a terminal in characters. */
export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** ioctl(TIOCGWINSZ), see ioctl_tty(2). */
export function terminalSize(descriptor: number): TerminalSize {
  const winsize = new Uint16Array(4)
  checked(library().ioctl(descriptor, TIOCGWINSZ, winsize), 'ioctl', "read a terminal's size")
  const [rows = 0, columns = 0] = winsize
  return { columns, rows }
}

/** ioctl(TIOCSWINSZ), see ioctl_tty(2): also sends SIGWINCH to the terminal's foreground processes. */
export function setTerminalSize(descriptor: number, { columns, rows }: TerminalSize): void {
  const winsize = Uint16Array.of(rows, columns, 0, 0)
  checked(library().ioctl(descriptor, TIOCSWINSZ, winsize), 'ioctl', "set a terminal's size")
}

/** The longest path a UNIX socket can have, in bytes: sockaddr_un holds 108 with the final NUL, unix(7). */
export const longestSocketPath = 107

/** socket(2): a UNIX stream socket, non-blocking and close-on-exec. */
export function openSocket(): number {
  const type = SOCK_STREAM | O_NONBLOCK | O_CLOEXEC
  return checked(library().socket(AF_UNIX, type, 0), 'socket', 'make a UNIX socket')
}

/** bind(2) and listen(2) at a path of at most `longestSocketPath` bytes, which must not exist. */
export function listenAt(socket: number, path: string): void {
  const name = Buffer.from(path)
  const address = new Uint8Array(2 + longestSocketPath + 1)
  address.set([AF_UNIX, 0])
  address.set(name, 2)
  const purpose = `listen at ${path}`
  checked(library().bind(socket, address, 2 + name.length + 1), 'bind', purpose)
  checked(library().listen(socket, 8), 'listen', purpose)
}

/** accept4(2): the next connection, non-blocking and close-on-exec. EAGAIN when there is none. */
export function acceptConnection(socket: number): number {
  const connection = library().accept4(socket, null, null, O_NONBLOCK | O_CLOEXEC)
  return checked(connection, 'accept4', 'accept a connection')
}

/** One message of a UNIX stream socket. */
export interface ReceivedMessage {
  /** Its bytes; none when the other side has closed the connection. */
  readonly payload: Uint8Array
  /** Descriptors that came along, close-on-exec, now the caller's to close. */
  readonly descriptors: readonly number[]
  /** More descriptors came than there was room for; the kernel closed them. */
  readonly truncated: boolean
}

/** recvmsg(2), with descriptors passed by SCM_RIGHTS as in unix(7). EAGAIN when nothing has come. */
export function receiveMessage(
  socket: number,
  room: { bytes: number; descriptors: number },
): ReceivedMessage {
  const { recvmsg } = library()
  const payload = new Uint8Array(room.bytes)
  const control = new Uint8Array(16 + 4 * room.descriptors + 4 * (room.descriptors % 2))
  const vector = BigUint64Array.of(addressOf(payload), BigInt(payload.length))
  // msghdr in words: name, its length, vector, its length, control, its length, flags
  const header = BigUint64Array.of(
    0n,
    0n,
    addressOf(vector),
    1n,
    addressOf(control),
    BigInt(control.length),
    0n,
  )
  const length = checked(recvmsg(socket, header, MSG_CMSG_CLOEXEC), 'recvmsg', 'receive a message')
  const [, , , , , controlLength = 0n, flags = 0n] = header
  return {
    payload: payload.subarray(0, length),
    descriptors: descriptorsIn(control.subarray(0, Number(controlLength))),
    truncated: (Number(flags) & MSG_CTRUNC) !== 0,
  }
}

/** Reads the descriptors of a control message: cmsghdr is length (8 bytes), level and type (4 each), then the data. */
function descriptorsIn(control: Uint8Array): number[] {
  if (control.length < 16) return []
  const view = new DataView(control.buffer, control.byteOffset, control.length)
  const isRights = view.getInt32(8, true) === SOL_SOCKET && view.getInt32(12, true) === SCM_RIGHTS
  if (!isRights) return []
  const count = Math.floor((view.getUint32(0, true) - 16) / 4)
  return Array.from({ length: count }, (_, position) => view.getInt32(16 + 4 * position, true))
}

/** mount(2), MS_BIND: makes a directory visible at a second place, which must be a directory. */
export function bindMount(directory: string, place: string): void {
  const result = library().mount(directory, place, null, MS_BIND, null)
  checked(result, 'mount', `make ${directory} visible at ${place}`)
}

/** mount(2), MS_REMOUNT | MS_BIND | MS_RDONLY: nobody can write through this mount; others of the file system stay. */
export function makeMountReadOnly(mountPoint: string): void {
  const result = library().mount('none', mountPoint, null, MS_REMOUNT | MS_BIND | MS_RDONLY, null)
  checked(result, 'mount', `make the mount at ${mountPoint} read-only`)
}

/**
 * mount(2) of a file system that is not on a device.
 *
 * @param source a name for it, which the list of mounts shows
 * @param options of the file system's own, shorter than a page: the kernel cuts off what is longer
 */
export function mountFileSystem(type: string, source: string, place: string, options: string): void {
  checked(library().mount(source, place, type, 0, options), 'mount', `mount ${type} at ${place}`)
}

/** mount(2), MS_PRIVATE: what is mounted below this mount later does not appear anywhere else. */
export function makeMountPrivate(mountPoint: string): void {
  const result = library().mount('none', mountPoint, null, MS_PRIVATE, null)
  checked(result, 'mount', `make the mount at ${mountPoint} private`)
}

/**
 * umount2(2), following no symbolic link at its end.
 *
 * @param when `idle` refuses a mount that is in use (EBUSY); `at once` takes it out of the tree now, and it goes for
 * good with its last user
 */
export function unmount(mountPoint: string, when: 'idle' | 'at once' = 'idle'): void {
  const flags = UMOUNT_NOFOLLOW | (when === 'idle' ? 0 : MNT_DETACH)
  checked(library().umount2(mountPoint, flags), 'umount2', `unmount ${mountPoint}`)
}

/**
 * llistxattr(2): whether a file, a symbolic link itself, has extended attributes. None on file systems without them.
 *
 * @param path any bytes but NUL
 */
export function hasAttributes(path: Uint8Array): boolean {
  const length = library().llistxattr(Buffer.concat([path, Buffer.of(0)]), null, 0)
  if (length === -1 && library().koffi.errno() === constants.errno.ENOTSUP) return false
  return checked(length, 'llistxattr', `list the attributes of ${Buffer.from(path).toString()}`) > 0
}

/** One instruction of classic BPF: code, jump if true, jump if false, operand. */
export type FilterInstruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number]

/** seccomp(2) through prctl: filters this thread's system calls from now on, and gives up gaining privileges. */
export function filterSystemCalls(program: readonly FilterInstruction[]): void {
  const instructions = new DataView(new ArrayBuffer(8 * program.length)) // struct sock_filter
  program.forEach(([code, ifTrue, ifFalse, operand], index) => {
    instructions.setUint16(8 * index, code, true)
    instructions.setUint8(8 * index + 2, ifTrue)
    instructions.setUint8(8 * index + 3, ifFalse)
    instructions.setUint32(8 * index + 4, operand, true)
  })
  const bytes = new Uint8Array(instructions.buffer)
  const header = BigUint64Array.of(BigInt(program.length), addressOf(bytes)) // struct sock_fprog
  checked(library().prctl(PR_SET_NO_NEW_PRIVS, 1, 0n, 0, 0), 'prctl', 'give up gaining privileges')
  const result = library().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, addressOf(header), 0, 0)
  checked(result, 'prctl', 'install a seccomp filter')
}

/** bpf(BPF_PROG_LOAD): gives a descriptor of the program, close-on-exec. */
export function loadProgram(type: number, instructions: Uint8Array): number {
  const license = Buffer.from('Apache-2.0\0')
  const attributes = new BigUint64Array(16)
  attributes[0] = BigInt(type) | (BigInt(instructions.length / 8) << 32n)
  attributes[1] = addressOf(instructions)
  attributes[2] = addressOf(license)
  const result = library().syscall(callNumbers.bpf, BPF_PROG_LOAD, addressOf(attributes), 128, 0)
  return checked(result, 'bpf', 'load a program')
}

/** bpf(BPF_PROG_ATTACH), beside the programs that are there. */
export function attachProgram(target: number, program: number, attachType: number): void {
  const attributes = Uint32Array.of(target, program, attachType, BPF_F_ALLOW_MULTI)
  const result = library().syscall(
    callNumbers.bpf,
    BPF_PROG_ATTACH,
    addressOf(attributes),
    attributes.byteLength,
    0,
  )
  checked(result, 'bpf', 'attach a program')
}
