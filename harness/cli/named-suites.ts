import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { programPath } from '../host/index.ts'
import {
  type LoadedSuites,
  loadSuites,
  SuitesModuleError,
  type SuitesSource,
  shippedModule,
  withImporter,
} from '../run/index.ts'
import { requireTestRunner } from './test-runner.ts'

/** Adds the option that names modules of suites. */
export function addSuitesOption(command: Command): Command {
  return command.option(
    '--suites <module>',
    `a module, JavaScript or TypeScript, that exports suites of your own; may be repeated, and ${shippedModule} are the shipped ones`,
    (module: string, before: readonly string[] = []) => [...before, module],
  )
}

/** The suites that come with the package. */
export async function shippedSuites(): Promise<LoadedSuites> {
  return await loadSuites([shipped()])
}

/** Loaded suites, and where from. */
export interface NamedSuites extends LoadedSuites {
  readonly sources: readonly SuitesSource[]
}

/**
 * The suites that come with the package, and those of modules.
 *
 * @param modules paths, or the name of the shipped suites
 * @throws SuitesModuleError, NoTestRunnerError
 */
export async function namedSuites(modules: readonly string[]): Promise<NamedSuites> {
  const sources = sourcesOf(modules)
  if (modules.length === 0) return { ...(await loadSuites(sources)), sources }
  requireTestRunner()
  const loaded = await withImporter((importModule) => loadSuites(sources, importModule))
  return { ...loaded, sources }
}

/** Where the suites are that come with the package, and those of modules. @throws SuitesModuleError */
export function sourcesOf(modules: readonly string[]): readonly SuitesSource[] {
  return [shipped(), ...modules.map((module) => ({ module, url: urlOf(module) }))]
}

function shipped(): SuitesSource {
  return { url: pathToFileURL(programPath('suites/index.js')).href }
}

function urlOf(module: string): string {
  if (module === shippedModule) return shipped().url
  const path = resolve(module)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new SuitesModuleError(`there is no module ${module}`)
  if (found.isDirectory())
    throw new SuitesModuleError(
      `${module} is a directory: '--suites' wants one module of it, such as its index.ts`,
    )
  return pathToFileURL(path).href
}
