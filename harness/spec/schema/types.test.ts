/** What compiles and what does not: `@ts-expect-error` makes the type check fail where an error is missing. */
import { describe, expect, expectTypeOf, test } from 'vitest'
import { withHostname } from '../edits/document.ts'
import { type Edit, edit } from '../edits/edit.ts'
import type { OldSpec } from './old-spec.ts'
import type { DeepReadonly } from './readonly.ts'
import type { Spec } from './spec.ts'
import type { State } from './state.ts'

describe('the types', () => {
  test('let filters assign what the specification has', () => {
    const filter = (spec: Spec) => {
      spec.hostname = 'x'
      spec.process?.args?.push('y')
      spec.linux ??= {}
      spec.linux.resources = { memory: { limit: 2n ** 60n, swap: -1 } }
      spec.linux.namespaces?.push({ type: 'time' })
      delete spec.root
    }
    const spec: Spec = { ociVersion: '1.3.0', process: { cwd: '/', args: [] } }
    filter(spec)
    expect(spec).toMatchObject({ hostname: 'x', process: { args: ['y'] } })
  })

  test('refuse what it has not', () => {
    const filter = (spec: Spec) => {
      // @ts-expect-error misspelt
      spec.hostnme = 'x'
      // @ts-expect-error process may be missing
      spec.process.args = []
      // @ts-expect-error no such type of namespace
      spec.linux = { namespaces: [{ type: 'mnt' }] }
      // @ts-expect-error a mount needs a destination
      spec.mounts = [{ source: '/x' }]
      // @ts-expect-error a user has both ids
      spec.process = { cwd: '/', user: { uid: 0 } }
    }
    expect(filter).toBeTypeOf('function')
  })

  test('are readonly at every depth where a bundle is registered', () => {
    const spend = (spec: DeepReadonly<Spec>) => {
      // @ts-expect-error readonly
      spec.hostname = 'x'
      // @ts-expect-error readonly
      spec.process?.args?.push('x')
      // @ts-expect-error readonly
      if (spec.linux?.resources) spec.linux.resources.pids = { limit: 1 }
    }
    expect(spend).toBeTypeOf('function')
    expectTypeOf<Spec>().toExtend<DeepReadonly<Spec>>()
  })

  test('take an edit for a filter', () => {
    type SpecFilter = (spec: Spec) => undefined | Spec | Promise<undefined | Spec>
    expectTypeOf<Edit>().toExtend<SpecFilter>()
    expectTypeOf(edit({ ociVersion: '1.3.0' }, withHostname('x'))).toEqualTypeOf<Spec>()
  })

  test('keep old configurations apart', () => {
    expectTypeOf<NonNullable<OldSpec['process']>['capabilities']>().toEqualTypeOf<string[] | undefined>()
    expectTypeOf<OldSpec>().not.toExtend<Spec>()
  })

  test('say what a state has for sure', () => {
    expectTypeOf<State['id']>().toEqualTypeOf<string>()
    expectTypeOf<State['pid']>().toEqualTypeOf<number | undefined>()
  })
})
