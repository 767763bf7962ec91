import { before, configuration, type Fault } from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'

export const bundle: readonly Fault[] = [
  {
    id: 'bundle-config-of-any-case',
    area: 'bundle',
    violates: ['bundle-config-json-name'],
    sentence: 'The runtime takes a file Config.json for the configuration where there is no config.json.',
    effect: before(
      'create',
      '[ -e "$BUNDLE/config.json" ] || cp "$BUNDLE/Config.json" "$BUNDLE/config.json" 2>/dev/null',
    ),
  },
  {
    id: 'bundle-config-in-subdirectory',
    area: 'bundle',
    violates: ['bundle-config-json-at-root'],
    sentence: 'The runtime looks for config.json in the directories of a bundle, too.',
    effect: before(
      'create',
      '[ -e "$BUNDLE/config.json" ] || cp "$BUNDLE"/*/config.json "$BUNDLE/config.json" 2>/dev/null',
    ),
  },
  {
    id: 'bundle-root-relative-to-host',
    area: 'bundle',
    violates: ['bundle-artifacts-one-directory'],
    sentence: 'The runtime takes the relative path of a root file system from the root of the host.',
    effect: configuration(
      changing(({ root }) => {
        if (root !== undefined && !root.path.startsWith('/')) root.path = `/${root.path}`
      }),
    ),
  },
]
