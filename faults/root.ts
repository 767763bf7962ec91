import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { all, before, type Effect, type Fault, program, skip } from '../harness/fault/index.ts'
import type { Root } from '../harness/spec/index.ts'
import { changed, given, isDefaultMount, objectsChanged } from './configurations.ts'
import { fromWorkingDirectory } from './working-directory.ts'

const placed = 'root-path-absolute-or-relative'

function rootChanged(change: (root: Root) => void): Effect {
  return changed(({ root }) => {
    if (root !== undefined) change(root)
  })
}

function placeOf(root: Root | undefined, bundle: string): string {
  return resolve(bundle, root?.path ?? '')
}

export const root: readonly Fault[] = [
  {
    id: 'root-always-called-rootfs',
    area: 'root',
    violates: [placed, 'root-path-conventional-name'],
    sentence: 'The runtime takes rootfs in the bundle for the root, whatever a relative path says.',
    effect: rootChanged((root) => {
      if (!root.path.startsWith('/')) root.path = 'rootfs'
    }),
  },
  {
    id: 'root-path-only-last-step',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime takes only the last step of a relative path for that of the root.',
    effect: rootChanged((root) => {
      if (!root.path.startsWith('/')) root.path = root.path.replace(/^.*\//, '')
    }),
  },
  {
    id: 'root-path-with-dot-taken-for-absolute',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime takes a path of the root that begins with a dot from the root of the host.',
    effect: rootChanged((root) => {
      root.path = root.path.replace(/^\.\//, '/')
    }),
  },
  {
    id: 'root-path-does-not-leave-bundle',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime looks in the bundle for a root whose relative path leaves it.',
    effect: rootChanged((root) => {
      root.path = root.path.replace(/^(\.\.\/)+/, '')
    }),
  },
  {
    id: 'absolute-root-path-taken-for-relative',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime takes an absolute path of the root for one below the bundle.',
    effect: rootChanged((root) => {
      root.path = root.path.replace(/^\/+/, '')
    }),
  },
  {
    id: 'plain-root-path-taken-for-absolute',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime takes a path of the root that is only a name from the root of the host.',
    effect: rootChanged((root) => {
      root.path = root.path.replace(/^(?=[^/.]+$)/, '/')
    }),
  },
  {
    id: 'root-path-from-working-directory',
    area: 'root',
    violates: [placed],
    sentence: 'The runtime takes the root from its own working directory where there is such a one.',
    effect: program('run', fromWorkingDirectory('rootfs')),
  },
  {
    id: 'missing-root-taken-for-rootfs',
    area: 'root',
    violates: ['root-required-on-linux'],
    sentence: 'The runtime takes rootfs in the bundle for the root of a configuration that names none.',
    effect: changed((spec) => {
      spec.root ??= { path: 'rootfs' }
    }),
  },
  {
    id: 'missing-root-path-taken-for-rootfs',
    area: 'root',
    violates: ['root-path-required'],
    sentence: 'The runtime takes rootfs in the bundle for a root without a path.',
    effect: objectsChanged(['root'], (root) => {
      root['path'] ??= 'rootfs'
    }),
  },
  {
    id: 'empty-root-path-taken-for-rootfs',
    area: 'root',
    violates: ['root-path-required'],
    sentence: 'The runtime takes rootfs in the bundle for a root whose path is empty.',
    effect: rootChanged((root) => {
      if (root.path === '') root.path = 'rootfs'
    }),
  },
  {
    id: 'missing-root-directory-excused',
    area: 'root',
    violates: ['root-path-directory-exists'],
    sentence: 'The runtime does nothing and exits with 0 when the directory of the root does not exist.',
    effect: given(({ root }, bundle) => !existsSync(placeOf(root, bundle)), skip('create')),
  },
  {
    id: 'root-that-is-a-file-excused',
    area: 'root',
    violates: ['root-path-directory-exists'],
    sentence: 'The runtime does nothing and exits with 0 when the root is a regular file.',
    effect: given(
      ({ root }, bundle) => statSync(placeOf(root, bundle), { throwIfNoEntry: false })?.isFile() === true,
      skip('create'),
    ),
  },

  // Read-only or not.
  {
    id: 'root-always-writable',
    area: 'root',
    violates: ['root-readonly-enforced'],
    sentence: 'The runtime leaves a read-only root writable.',
    effect: rootChanged((root) => {
      root.readonly = false
    }),
  },
  {
    id: 'root-always-read-only',
    area: 'root',
    violates: ['root-readonly-optional'],
    sentence: 'The runtime makes every root read-only.',
    effect: rootChanged((root) => {
      root.readonly = true
    }),
  },
  {
    id: 'root-read-only-by-default',
    area: 'root',
    violates: ['root-readonly-optional'],
    sentence: 'The runtime makes a root read-only that does not say what it is to be.',
    effect: rootChanged((root) => {
      root.readonly ??= true
    }),
  },
  {
    id: 'read-only-root-reaches-mounts',
    area: 'root',
    violates: ['root-readonly-enforced'],
    sentence: 'The runtime makes what is mounted in a read-only root read-only, too.',
    effect: changed(({ root, mounts = [] }) => {
      if (root?.readonly !== true) return
      for (const mount of mounts.filter((mount) => !isDefaultMount(mount)))
        mount.options = [...(mount.options ?? []), 'ro']
    }),
  },
  {
    id: 'read-only-root-writable-after-exec',
    area: 'root',
    violates: ['root-readonly-enforced'],
    sentence: 'The runtime makes a read-only root writable when it executes a process.',
    effect: before('exec', '[ -z "$PID" ] || mount --namespace "$PID" --options remount,bind,rw none /'),
  },
  {
    id: 'read-only-root-is-a-copy',
    area: 'root',
    violates: ['root-readonly-enforced'],
    sentence: 'The runtime gives a container a copy of its read-only root, which the host does not write to.',
    effect: given(
      ({ root }) => root?.readonly === true && root.path === 'rootfs',
      all(
        before(['create', 'run'], 'cp -a --no-target-directory "$BUNDLE/rootfs" "$BUNDLE/copy"'),
        rootChanged((root) => {
          root.path = 'copy'
        }),
      ),
    ),
  },
]
