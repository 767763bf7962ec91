import { AsyncLocalStorage } from 'node:async_hooks'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Archive } from '../archive/index.ts'
import type { DeepReadonly, Spec } from '../spec/index.ts'
import { discardLeftovers } from './aside.ts'
import type { Bundle, BundleArchives, BundleOptions, Definition, SpecFilter } from './bundle.ts'
import { filteredSpec } from './configuration.ts'
import { differencesBetween } from './difference.ts'
import {
  BundleBuildError,
  BundleConflictError,
  BundleMountedError,
  BundleSpecError,
  NoSuchBundleError,
} from './errors.ts'
import { KnownArchives } from './known-archives.ts'
import { checkName } from './name.ts'
import { existingPlaces, type Places, preparePlaces } from './places.ts'
import { buildAndPublish } from './publication.ts'
import { findRegistration, isCurrent, type Registration, stampedNames } from './registration.ts'
import { hasPlacesFor, onlyReadsRoot, withRootAt } from './shared-root.ts'
import { Turns } from './turns.ts'
import { withdraw } from './withdrawal.ts'

/** What a registry works with. */
export interface BundleRegistryOptions {
  /** Where the bundles are; made with the first of them. A relative path is taken from the directory of now. */
  readonly directory: string
  readonly archives: BundleArchives
  /** Gives the configuration that filters start from. Asked once, and again only if it failed. */
  readonly referenceSpec: () => Promise<Spec>
}

/** A definition but for its place on disk, which is touched only when all else is known. */
interface Request {
  readonly source: string
  readonly archive: Archive
  readonly spec: DeepReadonly<Spec>
  /** Absolute path of the root file system that it shares; undefined when it gets one of its own. */
  readonly shared: string | undefined
  /** Whether a root file system of its own must be a copy. */
  readonly isCopied: boolean
}

/** Attempts after which other processes must be removing the bundle all the time. */
const mostAttempts = 20

/**
 * Bundles by name. To define a bundle again in the same way is free and gives the same bundle; to define it in another
 * way is an error. Any number of registries, in any number of processes, may share a directory.
 */
export class BundleRegistry {
  readonly #directory: string
  readonly #archives: BundleArchives
  readonly #knownArchives: KnownArchives
  readonly #askReference: () => Promise<Spec>
  readonly #known = new Map<string, Registration>()
  readonly #turns = new Turns()
  /** Names of the bundles whose filters the running code was called from. */
  readonly #beingDefined = new AsyncLocalStorage<readonly string[]>()
  #places: Places | undefined
  #reference: Promise<Spec> | undefined
  #leftovers: Promise<unknown> | undefined

  constructor({ directory, archives, referenceSpec }: BundleRegistryOptions) {
    this.#directory = resolve(directory)
    this.#archives = archives
    this.#knownArchives = new KnownArchives(archives)
    this.#askReference = referenceSpec
  }

  /**
   * Gives the bundle of this name, and makes it if there is none: a copy of the archive's root file system, and the
   * reference spec with these arguments, without a terminal, edited by the filter, which may undo both.
   *
   * @param source name of an archive.
   * @param name of the bundle: 1 to 128 letters, digits, `_`, `.`, `+`, `-`, as in a container id.
   * @param args command and arguments, `process.args`; copied.
   * @param options whether it must have a root file system of its own.
   * @throws BundleNameError before anything is done; BundleConflictError when the name is taken by a bundle that differs
   * in source, archive digest, path or filtered spec; BundleSpecError, BundleBuildError, BundleMountedError; what the
   * filter throws.
   */
  async createBundleWithFilter(
    source: string,
    name: string,
    args: readonly string[],
    filter?: SpecFilter,
    options: BundleOptions = {},
  ): Promise<Bundle> {
    checkName(source, 'archive')
    checkName(name, 'bundle')
    const definers = this.#beingDefined.getStore() ?? []
    if (definers.includes(name)) throw new BundleSpecError(name, 'its filter asks for the bundle itself')
    const request = this.#beingDefined.run([...definers, name], () =>
      this.#request(source, name, [...args], filter, options),
    )
    return await this.#turns.take(name, request, (ready) => this.#establish(name, ready))
  }

  /**
   * Asks for what bundles of an archive begin with, so that the first of them need not wait for it, in whatever process
   * it is made: the reference spec, and the archive's root file system.
   *
   * @param source name of an archive.
   * @throws what the archives and the reference spec throw.
   */
  async prepare(source: string): Promise<void> {
    const rootfs = async () => await this.#archives.shared?.(await this.#knownArchives.resolve(source))
    await Promise.all([this.#referenceSpec(), rootfs()])
  }

  /** `createBundleWithFilter` from the archive `busybox`. */
  async createBusyboxBundle(
    name: string,
    args: readonly string[],
    filter?: SpecFilter,
    options: BundleOptions = {},
  ): Promise<Bundle> {
    return await this.createBundleWithFilter('busybox', name, args, filter, options)
  }

  /**
   * Finds a bundle, whichever process registered it; undefined when there is none.
   *
   * @throws BundleNameError
   */
  async getBundle(name: string): Promise<Bundle | undefined> {
    checkName(name, 'bundle')
    const places = this.#existingPlaces()
    return places && this.#bundleAt(places, name)
  }

  /**
   * Finds a bundle that must be there.
   *
   * @throws NoSuchBundleError, BundleNameError
   */
  async requireBundle(name: string): Promise<Bundle> {
    const bundle = await this.getBundle(name)
    if (bundle === undefined) throw new NoSuchBundleError(name)
    return bundle
  }

  /** All registered bundles, sorted by name. */
  async list(): Promise<readonly Bundle[]> {
    const places = this.#existingPlaces()
    if (places === undefined) return []
    return stampedNames(places).flatMap((name) => this.#bundleAt(places, name) ?? [])
  }

  /**
   * Removes a bundle with all that is in its directory. Containers that still use it lose their files.
   *
   * @throws NoSuchBundleError; BundleMountedError when something is mounted in it, and nothing is removed.
   */
  async removeBundle(name: string): Promise<void> {
    checkName(name, 'bundle')
    if (!(await this.#remove(name))) throw new NoSuchBundleError(name)
  }

  /**
   * Removes all bundles, and what dead processes left. Other things in the directory stay.
   *
   * @throws BundleMountedError, after all else has been removed, naming everything that is mounted in the rest.
   */
  async removeAll(): Promise<void> {
    const places = this.#existingPlaces()
    if (places === undefined) return
    const removals = await Promise.allSettled(stampedNames(places).map((name) => this.#remove(name)))
    const stuck = [...(await discardLeftovers(places))]
    for (const removal of removals) {
      if (removal.status === 'fulfilled') continue
      if (!(removal.reason instanceof BundleMountedError)) throw removal.reason
      stuck.push(removal.reason)
    }
    if (stuck.length > 0) {
      throw new BundleMountedError(
        this.#directory,
        stuck.flatMap((error) => error.mountPoints),
      )
    }
  }

  async #remove(name: string): Promise<boolean> {
    return await this.#turns.take(name, Promise.resolve(), async () => {
      const places = this.#existingPlaces()
      this.#known.delete(name)
      return places !== undefined && (await withdraw(places, name))
    })
  }

  async #request(
    source: string,
    name: string,
    args: readonly string[],
    filter: SpecFilter | undefined,
    { rootfs }: BundleOptions,
  ): Promise<Request> {
    const [archive, reference] = await Promise.all([
      explained(name, `archive '${source}' is not to be had`, this.#knownArchives.resolve(source)),
      explained(name, 'there is no reference spec', this.#referenceSpec()),
    ])
    const spec = await filteredSpec(name, reference, args, filter)
    const shared = rootfs === undefined ? await this.#sharedRootfs(name, archive, spec) : undefined
    const isCopied = rootfs === 'copied'
    return { source, archive, spec: shared === undefined ? spec : withRootAt(shared, spec), shared, isCopied }
  }

  async #sharedRootfs(name: string, archive: Archive, spec: DeepReadonly<Spec>): Promise<string | undefined> {
    if (this.#archives.shared === undefined || !onlyReadsRoot(spec)) return undefined
    const shared = await explained(
      name,
      `the rootfs of archive '${archive.name}' is not to be had`,
      this.#archives.shared(archive),
    )
    return shared !== undefined && hasPlacesFor(spec, shared) ? shared : undefined
  }

  /** Kept, so that what the bundles of this registry start from cannot change under way. */
  async #referenceSpec(): Promise<Spec> {
    this.#reference ??= this.#askReference()
    try {
      return await this.#reference
    } catch (error) {
      this.#reference = undefined
      throw error
    }
  }

  /** Checked once, and made again when somebody removed them. */
  #preparedPlaces(): Places {
    this.#places = this.#existingPlaces() ?? preparePlaces(this.#directory)
    return this.#places
  }

  /** Undefined as long as nothing was registered. */
  #existingPlaces(): Places | undefined {
    if (this.#places === undefined) return existingPlaces(this.#directory)
    return existsSync(this.#places.aside) ? this.#places : undefined
  }

  async #establish(name: string, { source, archive, spec, shared, isCopied }: Request): Promise<Bundle> {
    const places = this.#preparedPlaces()
    this.#leftovers ??= discardLeftovers(places).catch(() => undefined) // none of this bundle's business
    await this.#leftovers
    const path = join(places.directory, name)
    const rootfs = shared ?? join(path, 'rootfs')
    const own = { name, source, archiveDigest: archive.digest, path, rootfs, spec }
    const definition: Definition = isCopied ? { ...own, isCopied } : own
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const registration =
        this.#find(places, name) ??
        (await buildAndPublish({ places, archives: this.#archives, archive, definition }))
      if (registration !== undefined) return this.#agreed(registration, definition)
    }
    throw new BundleBuildError(name, 'other processes remove it again and again', undefined)
  }

  #agreed(registration: Registration, asked: Definition): Bundle {
    const { bundle } = registration
    const differences = differencesBetween(bundle, asked)
    if (differences.length > 0) throw new BundleConflictError(asked.name, bundle.path, differences)
    this.#known.set(asked.name, registration)
    return bundle
  }

  /** A directory that was moved here with its bundles is not where their specs may say they are. */
  #bundleAt(places: Places, name: string): Bundle | undefined {
    const bundle = this.#find(places, name)?.bundle
    return bundle?.path === join(places.directory, name) ? bundle : undefined
  }

  #find(places: Places, name: string): Registration | undefined {
    const known = this.#known.get(name)
    if (known !== undefined && isCurrent(places, known)) return known
    const found = findRegistration(places, name)
    if (found === undefined) this.#known.delete(name)
    else this.#known.set(name, found)
    return found
  }
}

async function explained<Value>(name: string, failure: string, value: Promise<Value>): Promise<Value> {
  try {
    return await value
  } catch (cause) {
    throw new BundleBuildError(name, failure, cause)
  }
}
