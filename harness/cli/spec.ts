import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { cgroupLayout, findProgram } from '../host/index.ts'
import {
  profileOf,
  type ReferenceProfile,
  referenceSpecText,
  specFileName,
  writeSpecText,
} from '../spec/index.ts'
import { programVersion } from './find-runtime.ts'

interface SpecOptions {
  readonly bundle: string
  readonly rootless: boolean
  readonly profile?: ReferenceProfile
}

const profiles = [
  'runc-1.2',
  'runc-1.1',
  'runc-1.0',
  'runc-1.0.0-rc3',
  'crun',
  'crun-1.8',
] as const satisfies readonly ReferenceProfile[]

const newestProfile = 'runc-1.2'

/** Adds `runwright spec` to the command line: its arguments, its file and its exit codes are those of `runc spec`. */
export function addSpecCommand(program: Command): void {
  program
    .command('spec')
    .description(`write a reference ${specFileName}, as the spec command of a runtime does`)
    .option('-b, --bundle <directory>', 'where to write it', '.')
    .option('--rootless', 'write the one for unprivileged users', false)
    .addOption(
      new Option('--profile <name>', "whose; that of this host's runc unless told").choices(profiles),
    )
    .addHelpText(
      'after',
      '\nExits with 1 when it fails, as runc does; a file that is there is never replaced.',
    )
    .allowExcessArguments(false)
    .action(async ({ bundle, rootless, profile = undefined }: SpecOptions) => {
      await writeSpecText(resolve(bundle), await textOf(profile ?? (await hostProfile()), rootless))
    })
}

async function textOf(profile: ReferenceProfile, rootless: boolean): Promise<string> {
  if (profile === 'runc-1.0.0-rc3') return referenceSpecText({ profile })
  return referenceSpecText({ profile, rootless, cgroup: cgroupLayout().kind })
}

/** The form that the installed runc would write, so that it accepts what it is given. */
async function hostProfile(): Promise<ReferenceProfile> {
  const runc = findProgram('runc')
  const version = runc === undefined ? undefined : await programVersion(runc)
  return (version === undefined ? undefined : profileOf('runc', version)) ?? newestProfile
}
