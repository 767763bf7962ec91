import type { Hook, HookKind } from '../schema/hooks.ts'
import type { Mount } from '../schema/mounts.ts'
import { changing, type Edit } from './edit.ts'

/** Sets the host name; the container needs a uts namespace for it. */
export function withHostname(hostname: string): Edit {
  return changing((draft) => {
    draft.hostname = hostname
  })
}

/** Sets the domain name; the container needs a uts namespace for it. */
export function withDomainname(domainname: string): Edit {
  return changing((draft) => {
    draft.domainname = domainname
  })
}

/** Sets where the root file system is: absolute, or relative to the bundle. */
export function withRoot(path: string): Edit {
  return changing((draft) => {
    draft.root = { ...draft.root, path }
  })
}

/** Makes the root file system read-only, or with `false` writable. */
export function readonlyRoot(readonly = true): Edit {
  return changing((draft) => {
    draft.root = { path: 'rootfs', ...draft.root, readonly }
  })
}

/** Sets an annotation, or with `undefined` takes it out. */
export function withAnnotation(name: string, value: string | undefined): Edit {
  return changing((draft) => {
    const { [name]: _, ...others } = draft.annotations ?? {}
    draft.annotations = value === undefined ? others : { ...draft.annotations, [name]: value }
  })
}

/** Adds mounts behind those there are. */
export function addMount(...mounts: readonly Mount[]): Edit {
  return changing((draft) => {
    draft.mounts = [...(draft.mounts ?? []), ...structuredClone(mounts)]
  })
}

/**
 * Adds a bind mount.
 *
 * @param source a path on the host.
 * @param options further options; `bind` is added unless `rbind` is among them.
 */
export function addBindMount(source: string, destination: string, ...options: readonly string[]): Edit {
  const bind = options.includes('rbind') || options.includes('bind') ? [] : ['bind']
  return addMount({ destination, type: 'none', source, options: [...bind, ...options] })
}

/** Adds a tmpfs. */
export function addTmpfs(destination: string, ...options: readonly string[]): Edit {
  return addMount({ destination, type: 'tmpfs', source: 'tmpfs', options: [...options] })
}

/** Takes out every mount at a destination. */
export function withoutMount(destination: string): Edit {
  return changing((draft) => {
    draft.mounts = (draft.mounts ?? []).filter((mount) => mount.destination !== destination)
  })
}

/** Adds a hook behind those of its kind. */
export function withHook(kind: HookKind, hook: Hook): Edit {
  return changing((draft) => {
    draft.hooks = { ...draft.hooks, [kind]: [...(draft.hooks?.[kind] ?? []), structuredClone(hook)] }
  })
}
