import type { Effect, Fault } from '../harness/fault/index.ts'
import type { MountOption } from '../harness/spec/index.ts'
import { mountOptions as known } from '../harness/spec/index.ts'
import { everyMount, isBind, mountOptionsAs } from './configurations.ts'

const area = 'mount-options'
const likeMount = 'mount-options-must-match-mount8'

/** Every occurrence of an option is another option, or none. */
function taken(option: string, ...instead: readonly string[]): Effect {
  return mountOptionsAs((options) => options.flatMap((each) => (each === option ? instead : [each])))
}

/** Options without an effect that shows: a runtime that does not know them hands them on or takes them for others. */
const silent = ['defaults', 'iversion', 'noiversion', 'silent', 'loud', 'norelatime']

/** Options without which there is no bind mount, or is a mapping of ids: other faults are about them. */
const others = ['bind', 'rbind', 'idmap', 'ridmap', 'tmpcopyup', 'mand', 'nomand', 'rnodev']

/** What shows of a mount when this option is lost is what the option asks for: the tree was so before. */
const asBefore = ['relatime', 'slave', 'rslave', 'rnorelatime']

function requirementOf({ name }: MountOption): string {
  return `mount-option-${name}`
}

const losses = known
  .filter(({ name }) => ![...silent, ...others, ...asBefore].includes(name))
  .map(
    (option): Fault => ({
      id: `mount-option-${option.name}-lost`,
      area,
      violates: [requirementOf(option)],
      sentence: `The runtime loses the mount option ${option.name}.`,
      effect: taken(option.name),
    }),
  )

const narrowings = known
  .filter(({ name, effect }) => effect.kind === 'recursive' && !['rnodev', 'rnorelatime'].includes(name))
  .map(
    (option): Fault => ({
      id: `mount-option-${option.name}-only-at-top`,
      area,
      violates: [requirementOf(option)],
      sentence: `The runtime applies the mount option ${option.name} to the mount at the top of a tree alone.`,
      effect: taken(option.name, option.name.slice(1)),
    }),
  )

/** Propagations that a runtime may mistake for one another. */
const mistakenPropagations: Readonly<Record<string, readonly string[]>> = {
  shared: ['slave'],
  rshared: ['rslave', 'rprivate'],
  slave: ['private'],
  rslave: ['rprivate'],
  private: ['slave'],
  rprivate: ['rslave'],
  unbindable: ['private'],
  runbindable: ['rprivate'],
}

const propagations = Object.entries(mistakenPropagations).flatMap(([name, others]) =>
  others.map(
    (instead): Fault => ({
      id: `mount-option-${name}-is-${instead}`,
      area,
      violates: [`mount-option-${name}`],
      sentence: `The runtime takes the mount option ${name} for ${instead}.`,
      effect: taken(name, instead),
    }),
  ),
)

const narrowPropagations = ['rshared', 'rprivate', 'runbindable'].map(
  (name): Fault => ({
    id: `mount-option-${name}-only-at-top`,
    area,
    violates: [`mount-option-${name}`],
    sentence: `The runtime applies the mount option ${name} to the mount at the top of a tree alone.`,
    effect: taken(name, name.slice(1)),
  }),
)

const mistakenForFlag = silent.map(
  (name): Fault => ({
    id: `mount-option-${name}-is-noexec`,
    area,
    violates: [`mount-option-${name}`],
    sentence: `The runtime takes the mount option ${name} for noexec.`,
    effect: taken(name, 'noexec'),
  }),
)

const handedOn = silent.map(
  (name): Fault => ({
    id: `mount-option-${name}-handed-on`,
    area,
    violates: [`mount-option-${name}`],
    sentence: `The runtime does not know the mount option ${name} and hands it to the file system.`,
    effect: taken(name, `unknown-${name}`),
  }),
)

/** Flags that mount(2) sets on a bind mount only when it is mounted once more. */
const lostForBinds = ['ro', 'nosuid', 'nodev'].map(
  (name): Fault => ({
    id: `mount-option-${name}-lost-for-binds`,
    area,
    violates: [`mount-option-${name}`],
    sentence: `The runtime loses the mount option ${name} of bind mounts.`,
    effect: everyMount((mount) => {
      if (isBind(mount)) mount.options = mount.options?.filter((option) => option !== name) ?? []
    }),
  }),
)

export const mountOptions: readonly Fault[] = [
  ...losses,
  ...narrowings,
  ...propagations,
  ...narrowPropagations,
  ...mistakenForFlag,
  ...handedOn,
  ...lostForBinds,
  {
    id: 'mount-option-relatime-is-noatime',
    area,
    violates: ['mount-option-relatime'],
    sentence: 'The runtime takes the mount option relatime for noatime.',
    effect: taken('relatime', 'noatime'),
  },
  {
    id: 'mount-option-relatime-lost-for-binds',
    area,
    violates: ['mount-option-relatime'],
    sentence: 'The runtime loses the mount option relatime of bind mounts.',
    effect: everyMount((mount) => {
      if (isBind(mount)) mount.options = mount.options?.filter((option) => option !== 'relatime') ?? []
    }),
  },
  {
    id: 'mount-option-rnorelatime-is-rnoexec',
    area,
    violates: ['mount-option-rnorelatime'],
    sentence: 'The runtime takes the mount option rnorelatime for rnoexec.',
    effect: taken('rnorelatime', 'rnoexec'),
  },
  {
    id: 'mount-option-bind-is-rbind',
    area,
    violates: ['mount-option-bind'],
    sentence: 'The runtime binds the mounts below a mount with it when it is asked for bind.',
    effect: taken('bind', 'rbind'),
  },
  {
    id: 'mount-option-rbind-is-bind',
    area,
    violates: ['mount-option-rbind'],
    sentence: 'The runtime binds only the mount at the top when it is asked for rbind.',
    effect: taken('rbind', 'bind'),
  },
  {
    id: 'mount-option-ro-reaches-whole-tree',
    area,
    violates: ['mount-option-ro'],
    sentence: 'The runtime makes all mounts of a tree read-only when only the one at the top is to be.',
    effect: everyMount((mount) => {
      if (mount.options?.includes('rbind'))
        mount.options = mount.options.map((option) => (option === 'ro' ? 'rro' : option))
    }),
  },
  {
    id: 'first-of-two-mount-options-wins',
    area,
    violates: known
      .filter(({ effect }) => effect.kind === 'flag' && !effect.sets)
      .map(requirementOf)
      .filter((id) => id !== 'mount-option-nomand'),
    sentence: 'The runtime obeys the first of two mount options that contradict each other.',
    effect: mountOptionsAs((options, mount) => (isBind(mount) ? [...options] : options.toReversed())),
  },
  {
    id: 'last-of-mount-options-lost',
    area,
    violates: [likeMount],
    sentence: 'The runtime loses the last of several mount options.',
    effect: mountOptionsAs((options) => (options.length > 1 ? options.slice(0, -1) : [...options])),
  },
  {
    id: 'first-of-mount-options-lost',
    area,
    violates: [likeMount],
    sentence: 'The runtime loses the first of several mount options of a tmpfs.',
    effect: mountOptionsAs((options, { type }) =>
      type === 'tmpfs' && options.length > 1 ? options.slice(1) : [...options],
    ),
  },
  {
    id: 'third-and-later-mount-options-lost',
    area,
    violates: [likeMount],
    sentence: 'The runtime reads no more than two of the options of a mount.',
    effect: mountOptionsAs((options) => options.slice(0, 2)),
  },
]
