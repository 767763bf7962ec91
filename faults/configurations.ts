/** The shapes that many faults have: what a runtime makes of one part of the configuration that it was given. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configuration, configurationDocument, type Effect, when } from '../harness/fault/index.ts'
import {
  changing,
  type JsonObject,
  type JsonValue,
  type Linux,
  type Mount,
  parseSpec,
  type Spec,
  specFileName,
  withHook,
} from '../harness/spec/index.ts'
import { isObject } from './json-object.ts'

/** The configuration with a change made in place. */
export function changed(change: (spec: Spec) => void): Effect {
  return configuration(changing(change))
}

/** The Linux part of the configuration with a change made in place; a configuration without one stays as it is. */
export function linuxChanged(change: (linux: Linux) => void): Effect {
  return changed(({ linux }) => {
    if (linux !== undefined) change(linux)
  })
}

/** Every mount with a change made in place. */
export function everyMount(change: (mount: Mount) => void): Effect {
  return changed(({ mounts = [] }) => {
    for (const mount of mounts) change(mount)
  })
}

/** Only the mounts of which this is true. */
export function onlyMounts(keeps: (mount: Mount) => boolean): Effect {
  return changed((spec) => {
    if (spec.mounts !== undefined) spec.mounts = spec.mounts.filter(keeps)
  })
}

/** Every mount that has options with others. */
export function mountOptionsAs(edit: (options: readonly string[], mount: Mount) => string[]): Effect {
  return everyMount((mount) => {
    if (mount.options !== undefined) mount.options = edit(mount.options, mount)
  })
}

/** Whether a mount shows what is on the host. */
export function isBind({ options = [] }: Mount): boolean {
  return options.includes('bind') || options.includes('rbind')
}

/** Whether a mount is one of those that containers have by default, or below them. */
export function isDefaultMount({ destination }: Mount): boolean {
  return /^\/(dev|proc|sys)\b/.test(destination)
}

/** An effect that shows only where this is true of the configuration that a container is made of. */
export function given(condition: (spec: Spec, bundle: string) => boolean, effect: Effect): Effect {
  return when(({ verb, bundle }) => {
    if (bundle === undefined || !['create', 'run'].includes(verb)) return false
    try {
      return condition(
        parseSpec(readFileSync(join(bundle, specFileName), 'utf8'), { semantics: false }),
        bundle,
      )
    } catch {
      return false // the real runtime will refuse it
    }
  }, effect)
}

/** A configuration of which this is true is one that nobody can run: it has no process. */
export function refusing(condition: (spec: Spec) => boolean): Effect {
  return changed((spec) => {
    if (condition(spec)) delete spec.process
  })
}

/**
 * Every object at a place of the document changed in place, whatever it holds or lacks. The place is told by the names
 * that lead to it; where there is a list, it is about all that are listed.
 */
export function objectsChanged(names: readonly string[], change: (object: JsonObject) => void): Effect {
  return configurationDocument((document) => {
    const found = names.reduce<JsonValue | undefined>(member, document)
    for (const object of Array.isArray(found) ? found : [found]) {
      if (isObject(object)) change(object)
    }
  })
}

/** Only those objects of a list that are accepted. The list is told by the names that lead to it. */
export function onlyObjects(names: readonly string[], accepts: (entry: JsonObject) => boolean): Effect {
  return objectsChanged(names.slice(0, -1), (parent) => {
    const name = names.at(-1) ?? ''
    const list = parent[name]
    if (Array.isArray(list)) parent[name] = list.filter((entry) => !isObject(entry) || accepts(entry))
  })
}

/** A member of an object; undefined where there is none, or no object to have it. */
function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) ? value[name] : undefined
}

/**
 * Shell text that is run when the files of a container are in place, in its mount namespace and before it sees them as
 * its root: the working directory is that root, `dev` its devices.
 */
export function filesChanged(script: string): Effect {
  return configuration(withHook('createContainer', { path: '/bin/sh', args: ['sh', '-c', script] }))
}
