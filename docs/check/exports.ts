import ts from 'typescript'

/** One export of an entry point, as its user sees it. */
export interface Export {
  readonly name: string
  /** Its file, from the project's directory. */
  readonly file: string
  /** What the doc comment says before its tags. */
  readonly description: string
  /** The declaration as the package's types hold it, without what is private. */
  readonly declaration: string
  readonly tags: readonly DocTag[]
}

export interface DocTag {
  readonly name: string
  readonly text: string
}

/** Finds the exports of a module by name, in order of the alphabet. */
export type ReadExports = (entry: string) => readonly Export[]

/**
 * Reads modules of the project, given by path from its directory, with the compiler that builds the package.
 *
 * @param directory of the project, with a slash at its end
 * @param entries the modules that will be asked for
 */
export function exportReader(directory: string, entries: readonly string[]): ReadExports {
  const program = ts.createProgram({
    rootNames: entries.map((entry) => directory + entry),
    // What the types are worth `npm run check` tells; without looking at that, this takes a third of the time.
    options: { ...buildOptions(directory), noCheck: true },
  })
  const checker = program.getTypeChecker()
  const declarationsOf = declarationReader(program)

  function describe(exported: ts.Symbol): Export {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const source = symbol.declarations?.[0]?.getSourceFile()
    if (source === undefined) throw new Error(`${exported.name} is declared nowhere`)
    return {
      name: exported.name,
      file: source.fileName.replace(directory, ''),
      description: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
      declaration: inferredMembers(symbol, checker) ?? declarationsOf(source, symbol.name),
      tags: symbol.getJsDocTags(checker).map(({ name, text }) => ({
        name,
        text: ts.displayPartsToString(text),
      })),
    }
  }

  return (entry) => {
    const source = program.getSourceFile(directory + entry)
    const module = source && checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${entry} is no module`)
    return checker
      .getExportsOfModule(module)
      .map(describe)
      .sort((one, other) => one.name.localeCompare(other.name, 'en'))
  }
}

function buildOptions(directory: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${directory}tsconfig.build.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, directory)
  const { tsBuildInfoFile: _, ...others } = options
  return { ...others, incremental: false }
}

/** Gives declarations the way the compiler writes them into the package, each file written once. */
function declarationReader(program: ts.Program): (source: ts.SourceFile, name: string) => string {
  const written = new Map<ts.SourceFile, ts.SourceFile>()
  function declarationsIn(source: ts.SourceFile): ts.SourceFile {
    let text = ''
    program.emit(source, (_file, content) => (text = content), undefined, true)
    return ts.createSourceFile(source.fileName, text, ts.ScriptTarget.Latest, true)
  }
  return (source, name) => {
    const file = written.get(source) ?? declarationsIn(source)
    written.set(source, file)
    return file.statements
      .filter((statement) => namesOf(statement).includes(name))
      .map((statement) => tidy(statement.getText()))
      .join('\n')
  }
}

function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return isNamed && statement.name !== undefined ? [statement.name.text] : []
}

/** Takes out what says nothing to a reader, and indents by two. */
function tidy(declaration: string): string {
  return declaration
    .replace(/^export (declare )?/, '')
    .replaceAll(/^ *(#private|private .*);\n/gm, '')
    .replaceAll(/import\("[^"]*"\)\./g, '')
    .replaceAll(/^(?: {4})+/gm, (spaces) => ' '.repeat(spaces.length / 2))
}

/** The members of a type that is inferred from a schema or a table, with their comments, which stand there. */
function inferredMembers(symbol: ts.Symbol, checker: ts.TypeChecker): string | undefined {
  const declaration = symbol.declarations?.find(isInferred)
  if (declaration === undefined) return undefined
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  const members = type.isUnion() ? [] : type.getProperties()
  if (members.length === 0) return tidy(`type ${symbol.name} =${onLines(typeText(type, checker))}`)
  return tidy(`interface ${symbol.name} {\n${members.map((member) => memberText(member, checker)).join('')}}`)
}

/** The text of a type. Names stand in the alphabet's order: the compiler's is that in which it met them anywhere. */
function typeText(type: ts.Type, checker: ts.TypeChecker): string {
  return checker
    .typeToString(type, undefined, typeFormat)
    .replaceAll(/'[^']*'(?: \| '[^']*')+/g, (names) => names.split(' | ').sort().join(' | '))
}

/** A long list of names, each on a line. */
function onLines(type: string): string {
  const isLong = type.length > 90 && !type.includes('\n')
  return isLong ? `\n    | ${type.replaceAll(' | ', '\n    | ')}` : ` ${type}`
}

function isInferred(declaration: ts.Declaration): boolean {
  const isType = ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration)
  return isType && /\bInfer(Input|Output)<|\btypeof\b/.test(declaration.getText())
}

const typeFormat =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.MultilineObjectLiterals |
  ts.TypeFormatFlags.InTypeAlias |
  ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

function memberText(member: ts.Symbol, checker: ts.TypeChecker): string {
  const comment = ts.displayPartsToString(member.getDocumentationComment(checker)).split('\n', 1)[0]
  const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0
  const type = typeText(checker.getTypeOfSymbol(member), checker).replaceAll('\n', '\n    ')
  const shown = isOptional ? type.replace(/ \| undefined$/, '') : type
  return `${comment ? `    /** ${comment} */\n` : ''}    ${member.name}${isOptional ? '?' : ''}: ${shown};\n`
}
