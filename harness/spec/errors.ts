import { RunwrightError } from '../host/index.ts'
import { formatProblem, type Problem } from './validate/problem.ts'

/** A file that could not be read or written. */
export abstract class SpecFileError extends RunwrightError {
  readonly file: string

  constructor(message: string, file: string, options?: ErrorOptions) {
    super(message, options)
    this.file = file
  }
}

/** There is no such file. */
export class SpecNotFoundError extends SpecFileError {
  override readonly code = 'SPEC_NOT_FOUND'
}

/** A directory stands where the file should; perhaps the bundle was named instead of its config.json. */
export class SpecIsDirectoryError extends SpecFileError {
  override readonly code = 'SPEC_IS_DIRECTORY'
}

/** The file is there but cannot be read: no permission, a device, too large. */
export class SpecUnreadableError extends SpecFileError {
  override readonly code = 'SPEC_UNREADABLE'
}

/** The file that was to be made exists already, if only as a symbolic link to nowhere. */
export class SpecExistsError extends SpecFileError {
  override readonly code = 'SPEC_EXISTS'
}

/** The file could not be made: no directory, no permission, no space. */
export class SpecNotWrittenError extends SpecFileError {
  override readonly code = 'SPEC_NOT_WRITTEN'
}

/** The text is nothing but `null`. */
export class SpecNullError extends RunwrightError {
  override readonly code = 'SPEC_NULL'
}

/** A configuration, or another document of a runtime, that breaks rules; `problems` has all of them. */
export abstract class ProblemsError extends RunwrightError {
  readonly file: string | undefined
  readonly problems: readonly Problem[]

  constructor(what: string, problems: readonly Problem[], file: string | undefined) {
    const lines = problems.map((problem) => `  ${formatProblem(problem, file)}`)
    super([`${file ?? what} has ${count(problems)}`, ...lines].join('\n'))
    this.file = file
    this.problems = problems
  }
}

function count(problems: readonly Problem[]): string {
  return problems.length === 1 ? '1 problem' : `${problems.length} problems`
}

/** Parts of it have the wrong type, are missing, or are values that do not exist. */
export class SpecShapeError extends ProblemsError {
  override readonly code = 'SPEC_SHAPE'
}

/** Its shape is right, but a runtime must refuse what it asks for. */
export class SpecInvalidError extends ProblemsError {
  override readonly code = 'SPEC_INVALID'
}
