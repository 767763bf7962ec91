import type { Command } from 'commander'

/** Adds one subcommand to the command line. */
type AddSubcommand = (program: Command) => void

/** The subcommands in the order of the help; each is loaded only when it is needed, so that each starts fast. */
const subcommands: Readonly<Record<string, () => Promise<AddSubcommand>>> = {
  run: async () => (await import('./run.ts')).addRunCommand,
  report: async () => (await import('./report.ts')).addReportCommand,
  merge: async () => (await import('./merge.ts')).addMergeCommand,
  compare: async () => (await import('./compare.ts')).addCompareCommand,
  init: async () => (await import('./init.ts')).addInitCommand,
  doctor: async () => (await import('./doctor.ts')).addDoctorCommand,
  setup: async () => (await import('./setup.ts')).addSetupCommand,
  list: async () => (await import('./list.ts')).addListCommand,
  spec: async () => (await import('./spec.ts')).addSpecCommand,
  archive: async () => (await import('./archive.ts')).addArchiveCommand,
  bundle: async () => (await import('./bundle.ts')).addBundleCommand,
  soak: async () => (await import('./soak.ts')).addSoakCommand,
  prove: async () => (await import('./prove.ts')).addProveCommand,
  'faulty-runtime': async () => (await import('./faulty-runtime.ts')).addFaultyRuntimeCommand,
  clean: async () => (await import('./clean.ts')).addCleanCommand,
}

/**
 * Loads the subcommand that the arguments name; all of them where they name none that we know, because then the help
 * or the error has to list them; none where only the version is asked for.
 */
export async function chosenSubcommands(args: readonly string[]): Promise<AddSubcommand[]> {
  const [first = ''] = args
  if (['--version', '-V'].includes(first)) return []
  const chosen = Object.hasOwn(subcommands, first) ? subcommands[first] : undefined
  if (chosen !== undefined) return [await chosen()]
  return await Promise.all(Object.values(subcommands).map(async (load) => await load()))
}
