import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, writeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { createMemoryFile, findProgram } from '../host/index.ts'
import { hostArchitecture } from './architecture.ts'
import { ConsoleTail } from './console-tail.ts'
import type { Emulator } from './emulator.ts'
import { NoVirtualMachineError, VirtualMachineDiedError } from './errors.ts'
import { type GuestLayout, rootShare } from './guest.ts'
import { beatSeconds, endOfStream } from './guest-scripts.ts'
import type { GuestKernel } from './kernel.ts'

/** What executes the guest's instructions: the processor, or a program. */
export type Accelerator = 'kvm' | 'emulation'

/** A virtual machine to be started. */
export interface MachineRequest {
  readonly emulator: Emulator
  readonly kernel: GuestKernel
  readonly accelerator: Accelerator
  readonly memoryMiB: number
  readonly cpus: number
  readonly initialRoot: Buffer
  readonly layout: GuestLayout
  /** Where the command of the guest prints to. */
  readonly output: Writable
  readonly errors: Writable
}

/** How long a guest may take to boot, in milliseconds. With KVM it takes two seconds, or never comes. */
const bootDeadlineMs: Readonly<Record<Accelerator, number>> = { kvm: 15_000, emulation: 180_000 }
/** Without a sign of life for so long, a guest is taken to hang: many beats, as emulation may be starved by others. */
const longestSilenceMs = 24 * beatSeconds * 1000
/** How long a command that was asked to end may take for it, in milliseconds. */
const endDeadlineMs = 300_000

const descriptors = { control: 3, output: 4, errors: 5, initialRoot: 6 } as const

/** What the emulator is told of each accelerator, and of the processor that fits it. */
const accelerated: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  // Of what QEMU can emulate all but what takes longer so: memory that is copied and cleared byte by byte, and a fifth
  // table to find a page by.
  emulation: ['-accel', 'tcg,thread=multi', '-cpu', 'max,erms=off,fsrm=off,la57=off'],
}

/** What the kernel need not do where it is emulated. */
const emulatedKernel = [
  // To ask the interpreter of the firmware for the interrupt of each device: a tenth of a second.
  'acpi=noirq',
  // To take the processors' clock, which is the host's for all of them, for unreliable, and ask a device instead.
  'tsc=reliable',
  'cryptomgr.notests',
  // To wait for the next tick of the clock with each mount and cgroup that goes.
  'rcupdate.rcu_expedited=1',
  // To clear memory that is about to be written to.
  'init_on_alloc=0',
] as const

/**
 * A throwaway virtual machine with a command in it. It has no disk, no network and no file of its own on the host; the
 * kernel of the host ends it when this process ends, however that happens.
 */
export class VirtualMachine {
  readonly #process: ChildProcess
  readonly #control: Writable
  readonly #console = new ConsoleTail()
  readonly #ready = new Milestone<void>()
  readonly #ended = new Milestone<number>()
  #watchdog: NodeJS.Timeout | undefined

  private constructor(process: ChildProcess, request: MachineRequest) {
    this.#process = process
    const streams: readonly (Readable | Writable | null | undefined)[] = process.stdio
    const [, console, complaints, control, output, errors] = streams
    this.#control = asWritable(control)
    for (const stream of [console, complaints]) {
      asReadable(stream)
        .setEncoding('utf8')
        .on('data', (text: string) => this.#console.add(text))
    }
    const copied = Promise.all([
      copyUntilEnd(asReadable(output), request.output),
      copyUntilEnd(asReadable(errors), request.errors),
    ])
    this.#listen(asReadable(control), copied)
    process.once('error', (cause) => this.#die(`could not be started: ${cause.message}`))
    process.once('close', (code, signal) => this.#die(`ended (${signal ?? `exit code ${code}`})`))
    this.#expectLife(bootDeadlineMs[request.accelerator], 'did not boot')
  }

  /** Starts a machine; `ready` says when its command begins, `ended` how it ended. */
  static start(request: MachineRequest): VirtualMachine {
    const initialRoot = createMemoryFile()
    try {
      for (let written = 0; written < request.initialRoot.length; ) {
        written += writeSync(initialRoot, request.initialRoot, written)
      }
      const [program, ...args] = commandLine(request)
      const child = spawn(program, args, {
        // A terminal's Ctrl-C is for the command in the guest, and must not reach the emulator.
        detached: true,
        env: { ...process.env, ...request.emulator.environment },
        stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe', initialRoot],
      })
      return new VirtualMachine(child, request)
    } finally {
      closeSync(initialRoot)
    }
  }

  /** Settles when the guest has booted. @throws VirtualMachineDiedError when it did not */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** The exit code of the command. @throws VirtualMachineDiedError when the machine ended or hung before it */
  get ended(): Promise<number> {
    return this.#ended.promise
  }

  /** Passes a wish to stop on to the command, and ends the machine when it does not listen. */
  interrupt(): void {
    this.#control.write('INT\n')
    setTimeout(() => this.#die('did not end when it was asked to'), endDeadlineMs).unref()
  }

  /** Ends the machine at once. */
  async stop(): Promise<void> {
    clearTimeout(this.#watchdog)
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const closed = once(this.#process, 'close')
    if (!this.#process.kill('SIGKILL')) return
    await closed
  }

  #listen(control: Readable, copied: Promise<unknown>): void {
    let rest = ''
    control.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#hear(line, copied)
    })
    control.on('error', () => undefined)
    this.#control.on('error', () => undefined)
  }

  #hear(line: string, copied: Promise<unknown>): void {
    this.#expectLife(longestSilenceMs, 'fell silent')
    if (line === 'ready') this.#ready.reach()
    const [, status] = /^exit (\d+)$/.exec(line) ?? []
    if (status !== undefined) void copied.then(() => this.#ended.reach(Number(status)))
  }

  #expectLife(milliseconds: number, otherwise: string): void {
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(
      () => this.#die(`${otherwise} within ${milliseconds / 1000} seconds`),
      milliseconds,
    )
  }

  #die(how: string): void {
    clearTimeout(this.#watchdog)
    const error = new VirtualMachineDiedError(how, this.#console.lines)
    this.#ready.miss(error)
    this.#ended.miss(error)
    this.#process.kill('SIGKILL')
  }
}

/** Something that is waited for, and may be awaited by nobody. */
class Milestone<Value> {
  reach: (value: Value) => void = () => undefined
  miss: (error: Error) => void = () => undefined
  readonly promise = new Promise<Value>((resolve, reject) => {
    this.reach = resolve
    this.miss = reject
  })

  constructor() {
    this.promise.catch(() => undefined)
  }
}

function commandLine(request: MachineRequest): [string, ...string[]] {
  const { emulator, kernel, accelerator, memoryMiB, cpus, layout } = request
  return [
    ...boundToParent(),
    emulator.path,
    ...['-machine', hostArchitecture().machine, ...accelerated[accelerator]],
    ...['-m', String(memoryMiB), '-smp', String(cpus)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-kernel', kernel.unpacked ?? kernel.image, '-initrd', `/proc/self/fd/${descriptors.initialRoot}`],
    ...['-append', kernelArguments(request)],
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    ...['-device', 'virtio-serial'],
    ...port('control', 'virtserialport', 1),
    ...(['output', 'errors'] as const).flatMap((stream, position) => {
      const isTerminal = layout.terminals.some((terminal) => terminal.stream === stream)
      return port(stream, isTerminal ? 'virtconsole' : 'virtserialport', position + 2)
    }),
    ...disk,
    ...share(rootShare, '/', 'readonly=on'),
    ...[...layout.writable].flatMap(([name, directory]) => share(name, directory, 'readonly=off')),
  ]
}

/** With it the kernel kills the emulator when this process ends, even by SIGKILL. */
function boundToParent(): [string, ...string[]] {
  const setpriv = findProgram('setpriv')
  if (setpriv !== undefined) return [setpriv, '--pdeathsig', 'KILL']
  throw new NoVirtualMachineError(
    'setpriv is missing, without which a virtual machine could outlive this process: install util-linux',
  )
}

/** A disk that forgets what is written to it: limits of what goes to and from disks want one. */
const disk = [
  ...['-blockdev', 'driver=null-co,node-name=disk,size=1073741824,read-zeroes=on'],
  ...['-device', 'virtio-blk-pci,drive=disk'],
] as const

function kernelArguments({ accelerator, layout: { cgroups } }: MachineRequest): string {
  const { console } = hostArchitecture()
  return [
    ...[`console=${console}`, 'quiet', 'panic=-1', 'random.trust_cpu=on', 'swapaccount=1'],
    ...(accelerator === 'emulation' ? emulatedKernel : []),
    ...(cgroups === 'v2' ? ['cgroup_no_v1=all'] : []),
  ].join(' ')
}

function port(
  name: Exclude<keyof typeof descriptors, 'initialRoot'>,
  device: string,
  number: number,
): string[] {
  return [
    ...['-chardev', `socket,id=${name},fd=${descriptors[name]}`],
    ...['-device', `${device},chardev=${name},name=${name},nr=${number}`],
  ]
}

/** A comma ends a value of the emulator's options, and two of them stand for one. */
function share(name: string, directory: string, access: string): string[] {
  const path = directory.replaceAll(',', ',,')
  return [
    ...['-fsdev', `local,id=${name},path=${path},security_model=none,multidevs=remap,${access}`],
    ...['-device', `virtio-9p-pci,fsdev=${name},mount_tag=${name}`],
  ]
}

/** Copies until the mark of the end, which is the last byte of a stream; ends with the stream where none comes. */
async function copyUntilEnd(from: Readable, to: Writable): Promise<void> {
  for await (const chunk of from) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    const isLast = bytes.at(-1) === endOfStream
    const wanted = isLast ? bytes.subarray(0, -1) : bytes
    if (wanted.length > 0 && !to.write(wanted)) await once(to, 'drain')
    if (isLast) return
  }
}

function asReadable(stream: Readable | Writable | null | undefined): Readable {
  if (stream && 'read' in stream) return stream
  throw new TypeError('a pipe of the emulator is missing')
}

function asWritable(stream: Readable | Writable | null | undefined): Writable {
  if (stream && 'write' in stream) return stream
  throw new TypeError('a pipe of the emulator is missing')
}
