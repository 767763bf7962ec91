import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ArchiveStore, loadCatalogue, Runtime, resolveRuntime } from 'runwright'
import { gardenToOciProcess, gardenToOciSpec, withCgroupsPath, writeSpec } from 'runwright/spec'

/**
 * @typedef {import('runwright/spec').GardenContainer} GardenContainer
 * @typedef {import('runwright/spec').GardenProcess} GardenProcess
 */

const execute = promisify(execFile)
const firstProgram = fileURLToPath(new URL('init.sh', import.meta.url))

/** Keeps containers of Garden's API on an OCI runtime. Everything of an engine is below one directory of its own. */
export class Engine {
  #directory
  #runtime
  #store

  /**
   * @param {string} directory
   * @param {Runtime} runtime
   * @param {ArchiveStore} store
   */
  constructor(directory, runtime, store) {
    this.#directory = directory
    this.#runtime = runtime
    this.#store = store
  }

  /**
   * @param {string} directory absolute; containers' users, who are nobody on this host, have to get through to it
   * @param {string} [name] of a runtime: runc, crun … or the path of one
   */
  static async open(directory, name = 'runc') {
    const archives = join(directory, 'archives')
    const catalogue = await loadCatalogue({ directory: archives })
    const runtime = new Runtime({
      ...(await resolveRuntime(name)),
      root: join(directory, 'runtime'),
      directory: join(directory, 'driver'),
    })
    return new Engine(directory, runtime, new ArchiveStore({ directory: archives, catalogue }))
  }

  /**
   * Creates a container with the files of busybox, and starts its first program.
   *
   * @param {Omit<GardenContainer, 'rootFSPath' | 'image'>} request
   */
  async create(request) {
    const bundle = join(this.#directory, request.handle)
    const [rootfs, initBinary] = [join(bundle, 'rootfs'), join(bundle, 'init')]
    await mkdir(bundle)
    await chmod(bundle, 0o711)
    await copyFile(firstProgram, initBinary)
    await this.#store.populate(await this.#store.resolve('busybox'), rootfs)

    const garden = { ...request, rootFSPath: `raw://${rootfs}` }
    const spec = withCgroupsPath(`/${request.handle}`)(gardenToOciSpec(garden, { initBinary }))
    const root = spec.linux?.uidMappings?.[0]?.hostID ?? 0
    await execute('chown', ['--recursive', '--no-dereference', `${root}:${root}`, rootfs])
    await writeSpec(bundle, spec)

    const container = await this.#runtime.create({ path: bundle }, { id: request.handle })
    await container.start()
    return new EngineContainer(container, garden)
  }

  /** Removes all containers, whatever they are doing, and everything else below the directory. */
  async close() {
    for (const { id } of await this.#runtime.list()) await this.#runtime.remove(id)
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** A container that runs. */
class EngineContainer {
  #container
  #garden

  /**
   * @param {import('runwright').Container} container
   * @param {GardenContainer} garden what it was made from
   */
  constructor(container, garden) {
    this.#container = container
    this.#garden = garden
  }

  /**
   * Runs a program in it to its end, as confined as the container itself.
   *
   * @param {GardenProcess} program
   */
  async run(program) {
    return await this.#container.exec(gardenToOciProcess(this.#garden, program))
  }

  /** Asks its first program to go, and gives its exit code. */
  async stop() {
    await this.#container.kill('SIGTERM')
    const { exitCode } = await this.#container.wait()
    await this.#container.delete()
    return exitCode
  }
}
