import { configuration, type Fault } from '../harness/fault/index.ts'
import { changing } from '../harness/spec/index.ts'

export const mounts: readonly Fault[] = [
  {
    id: 'mount-option-nosuid-lost',
    area: 'mounts',
    violates: ['mount-option-nosuid', 'mount-options-must-match-mount8'],
    sentence: 'The runtime loses nosuid, one mount option of several.',
    effect: configuration(
      changing(({ mounts = [] }) => {
        for (const mount of mounts) {
          if (mount.options?.includes('nosuid'))
            mount.options = mount.options.filter((option) => option !== 'nosuid')
        }
      }),
    ),
  },
  {
    id: 'mounts-in-reverse-order',
    area: 'mounts',
    violates: ['mounts-in-listed-order'],
    sentence: 'The runtime mounts in the reverse of the listed order what the configuration adds last.',
    effect: configuration(
      changing(({ mounts = [] }) => {
        mounts.push(...mounts.splice(-2).reverse())
      }),
    ),
  },
]
