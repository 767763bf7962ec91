import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  downloadWith,
  findProgram,
  homeDirectories,
  listDownloads,
  makesVersion,
  PackageError,
  PrivateApt,
  runTool,
} from '../host/index.ts'
import { hostArchitecture } from './architecture.ts'
import { NoVirtualMachineError } from './errors.ts'
import { imageRelease, unpackedImage } from './kernel-image.ts'

/** A kernel that a virtual machine can boot. */
export interface GuestKernel {
  /** As `uname -r` will print it. */
  readonly release: string
  readonly image: string
  /** What is packed in the image, where it was unpacked: the emulator boots it sooner. */
  readonly unpacked?: string | undefined
  /** Its modules with the lists of depmod(8). */
  readonly modules: string
}

/** Parts of a kernel package that no virtual machine of ours has a use for: nine tenths of it. */
const drivenHardware = [
  'sound',
  ...[
    'gpu',
    'media',
    'scsi',
    'usb',
    'hid',
    'input',
    'iio',
    'staging',
    'hwmon',
    'mtd',
    'platform',
    'video',
  ].map((name) => `drivers/${name}`),
  ...['wireless', 'ethernet', 'can', 'usb', 'phy', 'hamradio'].map((name) => `drivers/net/${name}`),
  'net/bluetooth',
  'net/mac80211',
] as const

/**
 * Downloads a kernel of the distribution's, without installing it.
 *
 * @param wish.version the beginning of the release of a kernel that the sources have, such as `6.12` or `6.1.0-50`
 * @throws PackageError when it is not to be had
 */
export async function downloadKernel(wish: {
  readonly suite?: string | undefined
  readonly version?: string | undefined
  readonly signal?: AbortSignal | undefined
}): Promise<GuestKernel> {
  await using apt = await PrivateApt.open(wish)
  const packageName = await newestKernelPackage(apt, wish.version)
  const { root } = await downloadWith(
    apt,
    packageName,
    { suite: wish.suite, destination: kernelsDirectory(), signal: wish.signal },
    { isGood: ({ root }) => kernelBelow(root) !== undefined, prepare: prepareKernel },
  )
  const kernel = kernelBelow(root)
  if (kernel !== undefined) return kernel
  throw new PackageError(`the package ${packageName} holds no kernel with modules`)
}

/** The package of the newest kernel of this version; without one, of the kernel that the distribution means. */
async function newestKernelPackage(apt: PrivateApt, version: string | undefined): Promise<string> {
  const { kernelPackage } = hostArchitecture()
  const packages =
    version === undefined
      ? await apt.dependencies(kernelPackage)
      : await apt.namesBeginningWith('linux-image-')
  const releases = kernelReleases(packages)
  const newest = releases.find((release) => version === undefined || makesVersion(release, version))
  if (newest !== undefined) return `linux-image-${newest}`
  const wanted = version === undefined ? kernelPackage : `kernel ${version}`
  const others = releases.length === 0 ? '' : `, only ${releases.join(', ')}`
  throw new PackageError(`the package sources have no ${wanted}${others}: ask another version or suite`)
}

/**
 * The releases of the kernels among these packages, the newest first: of the usual kind, signed and whole. `-rt`, `-cloud`
 * and `-dbg` are others, and a package that only depends on the newest has no third number.
 */
export function kernelReleases(packages: readonly string[]): readonly string[] {
  const { kernelPackage } = hostArchitecture()
  const kind = kernelPackage.replace('linux-image-', '')
  const pattern = new RegExp(`^linux-image-(\\d+\\.\\d+\\.\\d[^-]*(?:-\\d+)?-${kind})$`)
  return packages.flatMap((name) => pattern.exec(name)?.[1] ?? []).toSorted(byAge)
}

/** Releases in the order of their age, the newest first. */
function byAge(one: string, other: string): number {
  return other.localeCompare(one, 'en', { numeric: true })
}

async function prepareKernel(directory: string): Promise<Record<string, never>> {
  const root = join(directory, 'root')
  const [release = ''] = readdirSync(join(root, 'lib/modules'))
  const kernel = join(root, 'lib/modules', release, 'kernel')
  await Promise.all(
    drivenHardware.map(async (path) => await rm(join(kernel, path), { recursive: true, force: true })),
  )
  await rm(join(root, 'usr'), { recursive: true, force: true })
  await rm(join(root, `boot/System.map-${release}`), { force: true })
  await runTool([...depmod(), '-b', root, release])
  const unpacked = await unpackedImage(join(root, `boot/vmlinuz-${release}`))
  if (unpacked !== undefined) await writeFile(join(root, `boot/vmlinux-${release}`), unpacked)
  return {}
}

/** The host's, or that of the busybox which a run needs anyway. */
function depmod(): readonly string[] {
  const own = findProgram('depmod')
  return own === undefined ? ['busybox', 'depmod'] : [own]
}

function kernelsDirectory(): string {
  return join(homeDirectories().archives, 'kernels')
}

/** The kernels that were downloaded, and the one that is installed where it can be read: the newest first. */
export async function listKernels(): Promise<readonly GuestKernel[]> {
  const downloads = await listDownloads(kernelsDirectory())
  return [...downloads.map(({ root }) => kernelBelow(root)), kernelBelow('/')]
    .filter((kernel) => kernel !== undefined)
    .toSorted((one, other) => byAge(one.release, other.release))
}

/**
 * Finds a kernel.
 *
 * @param wish the path of an image, or the beginning of a version; without one the newest that was downloaded, else
 * one that is installed
 * @throws NoVirtualMachineError when there is none, or none that can be read
 */
export async function findKernel(wish: string | undefined): Promise<GuestKernel> {
  if (wish?.includes('/') === true) return kernelOf(resolve(wish))
  const kernels = await listKernels()
  const found = kernels.find(({ release }) => wish === undefined || makesVersion(release, wish))
  if (found !== undefined) return found
  const version = wish === undefined ? '' : ` --kernel ${wish}`
  const others = kernels.length === 0 ? '' : `, only ${kernels.map(({ release }) => release).join(', ')}`
  throw new NoVirtualMachineError(
    `there is no kernel${wish === undefined ? '' : ` ${wish}`} for a virtual machine${others}: run 'runwright setup --vm${version}'`,
  )
}

/** The newest kernel that is unpacked or installed below a directory and can be read. */
function kernelBelow(root: string): GuestKernel | undefined {
  const boot = join(root, 'boot')
  const images = existsSync(boot) ? readdirSync(boot) : []
  return images
    .flatMap((name) => /^vmlinuz-(.+)$/.exec(name)?.[1] ?? [])
    .toSorted(byAge)
    .map((release) => ({
      release,
      image: join(boot, `vmlinuz-${release}`),
      unpacked: unpackedBeside(boot, release),
      modules: join(root, 'lib/modules', release),
    }))
    .find(({ image, modules }) => isReadable(image) && existsSync(join(modules, 'modules.dep')))
}

function unpackedBeside(boot: string, release: string): string | undefined {
  const path = join(boot, `vmlinux-${release}`)
  return isReadable(path) ? path : undefined
}

/** @throws NoVirtualMachineError when the file is no kernel, or its modules are not there */
function kernelOf(image: string): GuestKernel {
  if (!isReadable(image))
    throw new NoVirtualMachineError(`${image} cannot be read: is it there, and readable?`)
  const release = imageRelease(image)
  const places = [join(dirname(dirname(image)), 'lib/modules', release), join('/lib/modules', release)]
  const modules = places.find((place) => existsSync(join(place, 'modules.dep')))
  if (modules !== undefined) return { release, image, modules }
  throw new NoVirtualMachineError(
    `the modules of ${image} are not there: ${places.join(' or ')} with a modules.dep (see depmod) is wanted`,
  )
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
