import { join } from 'node:path'
import { stopUnit, unitProperty, until } from '../harness/host/index.ts'
import { ObservedCgroup } from '../harness/probe/index.ts'
import type { Container } from '../harness/runtime/index.ts'
import type { TestContext } from '../harness/suite/index.ts'
import { patienceMs, pidOf } from './containers.ts'

/** The same test with a runtime that has systemd make its cgroups. */
export function askingSystemd<Context extends Pick<TestContext, 'runtime'>>(context: Context): Context {
  return { ...context, runtime: context.runtime.askingSystemd() }
}

/** The units whose cgroups lie around a container's, the outermost first, by what the kernel says of its process. */
export function unitsOf(container: Container): readonly string[] {
  return cgroupPath(container)
    .split('/')
    .filter((part) => /\.(slice|scope|service)$/.test(part))
}

/** The scope that a container's process is in. */
export function scopeOf(container: Container): string | undefined {
  return unitsOf(container).findLast((unit) => unit.endsWith('.scope'))
}

function cgroupPath(container: Container): string {
  return new ObservedCgroup(pidOf(container)).path('')
}

/**
 * What a file holds in the cgroups of a container from its scope inwards, the scope first: a runtime may make cgroups of its own
 * in a scope, and a limit of any of them holds for the container.
 */
export function readFromScope(container: Container, file: string): readonly (string | undefined)[] {
  const cgroup = new ObservedCgroup(pidOf(container))
  const below = /\.scope(\/.*)?$/.exec(cgroup.path(''))?.[1] ?? ''
  const ups = below
    .split('/')
    .filter(Boolean)
    .map((_, index, { length }) => '../'.repeat(length - index))
  return [...ups, ''].map((up) => cgroup.read('', join(up, file)))
}

/** Waits until systemd knows a unit no more. */
export async function untilForgotten(unit: string): Promise<void> {
  await until(async () => (await unitProperty(unit, 'LoadState')) === 'not-found', {
    timeoutMs: patienceMs,
    what: `systemd to forget ${unit}`,
  })
}

/** The name of a slice in which every dash is a letter like any other: bare, it would stand between two levels. */
export function sliceNamed(name: string): string {
  return `${escaped(name)}.slice`
}

/** A slice that lies in that of `outer`: systemd reads that out of its name. */
export function sliceWithin(outer: string, name: string): string {
  return `${escaped(outer)}-${escaped(name)}.slice`
}

function escaped(name: string): string {
  return name.replaceAll('-', '\\x2d')
}

/** Runs a body, after which a slice is stopped that containers made: systemd keeps those that are empty. */
export async function withSlice<T>(slice: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } finally {
    await stopUnit(slice)
  }
}
