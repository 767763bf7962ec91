import type { Command } from 'commander'

/** Columns of the page's blocks. */
const width = 110

/** Writes the reference of the command line: what each command says of itself when it is asked for help. */
export function commandPage(program: Command): string {
  const commands = withSubcommands(program).map(
    (command) => `## ${fullName(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`,
  )
  return `# The command line

What \`--help\` says of each command. Exit codes, unless a command says otherwise: 0, all is well; 1, something is red or
was left behind; 2, the command could not do its job. See [the index](../README.md).

${commands.join('\n')}`
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => width,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return text.trimEnd()
}
