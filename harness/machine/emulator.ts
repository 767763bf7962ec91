import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  downloadWith,
  findProgram,
  homeDirectories,
  listDownloads,
  PrivateApt,
  runTool,
  unpackDebianPackage,
} from '../host/index.ts'
import { hostArchitecture } from './architecture.ts'
import { NoVirtualMachineError } from './errors.ts'

/** A program that runs virtual machines. */
export interface Emulator {
  readonly path: string
  /** What it needs of its environment when it is not installed. */
  readonly environment: Readonly<Record<string, string>>
  /** As it says itself: `7.2.22`. */
  readonly version: string
}

/** Where packages keep libraries, relative to where they are unpacked. */
const libraryDirectories = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu'] as const

/** @throws NoVirtualMachineError when there is none that runs */
export async function findEmulator(): Promise<Emulator> {
  const { emulator } = hostArchitecture()
  const installed = findProgram(emulator)
  const candidates = [
    ...(installed === undefined ? [] : [{ path: installed, environment: {} }]),
    ...(await listDownloads(emulatorsDirectory())).map(({ root }) => unpackedEmulator(root)),
  ]
  let cause: unknown
  for (const candidate of candidates) {
    try {
      return { ...candidate, version: await versionOf(candidate) }
    } catch (error) {
      cause = error
    }
  }
  const why = cause instanceof Error ? ` that starts: ${cause.message}` : ''
  throw new NoVirtualMachineError(`there is no ${emulator}${why}; run 'runwright setup --vm'`, { cause })
}

/**
 * Downloads the emulator with the libraries that this host lacks, without installing anything.
 *
 * @throws PackageError when it is not to be had
 */
export async function downloadEmulator(signal?: AbortSignal): Promise<Emulator> {
  const { emulatorPackage } = hostArchitecture()
  await using apt = await PrivateApt.open({ signal })
  await downloadWith(
    apt,
    emulatorPackage,
    { destination: emulatorsDirectory(), signal },
    {
      isGood: ({ root }) => existsSync(unpackedEmulator(root).path),
      prepare: async (directory) => {
        const missing = await apt.missingPackages(emulatorPackage)
        for (const { file } of await apt.fetch(missing.filter((name) => name !== emulatorPackage))) {
          await unpackDebianPackage(file, join(directory, 'root'))
        }
        return {}
      },
    },
  )
  return await findEmulator()
}

function emulatorsDirectory(): string {
  return join(homeDirectories().archives, 'emulators')
}

/** An emulator finds its firmware from where it is itself, but not its libraries. */
function unpackedEmulator(root: string): Omit<Emulator, 'version'> {
  const libraries = libraryDirectories.map((directory) => join(root, directory)).join(':')
  return {
    path: join(root, 'usr/bin', hostArchitecture().emulator),
    environment: { LD_LIBRARY_PATH: libraries },
  }
}

async function versionOf({ path, environment }: Omit<Emulator, 'version'>): Promise<string> {
  const said = await runTool([path, '--version'], { environment, timeoutMs: 30_000 })
  return /version (\S+)/.exec(said)?.[1] ?? 'unknown'
}
