import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CgroupLayout, cgroupLayout, RunwrightError, readMounts } from '../host/index.ts'
import { observeProcess } from './process-observation.ts'

/** A process has no cgroup that could be looked at from here. */
export class NoCgroupError extends RunwrightError {
  override readonly code = 'NO_CGROUP'
}

/**
 * The cgroups that a process is in, read through the host's cgroup file systems. What was read belongs to the moment:
 * the process may be moved, its cgroups may go.
 */
export class ObservedCgroup {
  /** The version that runtimes use on this host; on a hybrid layout that is v1. */
  readonly version: 'v1' | 'v2'
  readonly #layout: CgroupLayout
  readonly #paths: ReadonlyMap<string, string>

  /**
   * @param pid of a process that lives
   * @throws the file system's ENOENT or ESRCH when the process is gone
   */
  constructor(pid: number) {
    this.#layout = cgroupLayout()
    this.version = this.#layout.kind === 'v2' ? 'v2' : 'v1'
    this.#paths = observeProcess(pid).cgroups
  }

  /** The controllers whose hierarchies can be looked at; on v1 the named hierarchies are none. */
  get controllers(): readonly string[] {
    return [...this.#layout.controllers.keys()].filter(
      (name) => !name.includes('=') && (this.version === 'v2' || this.#paths.has(name)),
    )
  }

  /**
   * The path of its cgroup below the mount point of a controller's hierarchy, `/` for the hierarchy's root.
   *
   * @throws NoCgroupError when the host has no such hierarchy mounted
   */
  path(controller: string): string {
    const path = this.#paths.get(this.version === 'v2' ? '' : controller)
    const mountPoint = this.#mountPoint(controller)
    if (path === undefined) throw new NoCgroupError(`the kernel shows no cgroup of '${controller}'`)
    return belowMount(path, rootOfMount(mountPoint))
  }

  /** The directory of its cgroup in a controller's hierarchy, on the host. @throws NoCgroupError */
  directory(controller: string): string {
    return join(this.#mountPoint(controller), this.path(controller))
  }

  /**
   * What a file of its cgroup holds, without the line feed at its end; undefined when the cgroup has no such file.
   *
   * @throws NoCgroupError; an error of node:fs when the file is there and cannot be read
   */
  read(controller: string, file: string): string | undefined {
    try {
      return readFileSync(join(this.directory(controller), file), 'utf8').trimEnd()
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  #mountPoint(controller: string): string {
    const mountPoint = this.version === 'v2' ? this.#layout.unified : this.#layout.controllers.get(controller)
    if (mountPoint !== undefined) return mountPoint
    throw new NoCgroupError(`no cgroup hierarchy with '${controller}' is mounted`)
  }
}

/** The directory of a hierarchy that its mount shows: not the topmost where a container is given a part of it. */
function rootOfMount(mountPoint: string): string {
  return readMounts().findLast((mount) => mount.mountPoint === mountPoint)?.root ?? '/'
}

/** /proc counts from the root of this process's cgroup namespace, a mount shows what lies below its own root. */
function belowMount(path: string, root: string): string {
  return join('/', relative(root, path))
}
