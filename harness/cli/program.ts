import { Command } from 'commander'
import { packageVersion } from './package-version.ts'
import { chosenSubcommands } from './subcommands.ts'

/**
 * The command line with what its arguments need of it; see `chosenSubcommands`. Nothing is carried out before it is
 * parsed, and it throws instead of ending the process.
 */
export async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('runwright')
    .description(
      'Integration tests for OCI container runtimes: runs suites against a real runtime, and says what it breaks.',
    )
    .version(packageVersion())
    .helpCommand('help [command]', 'show how a command is used')
    .showHelpAfterError("('--help' shows how it is used)")
    .exitOverride()
  for (const addTo of await chosenSubcommands(args)) addTo(program)
  return program
}
