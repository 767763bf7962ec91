import { randomBytes } from 'node:crypto'
import { InvalidContainerIdError } from './errors.ts'

const allowed = /^[A-Za-z0-9_][A-Za-z0-9_+.-]*$/
const maximumLength = 240
const idDigits = 4

/**
 * Checks a container id before the harness uses it in a path of its own or on a command line. The specification
 * leaves the form of an id open; this is what runc and crun agree on, less ids that begin with a dot, a dash or a
 * plus, and with room for a suffix within the 255 bytes of a file name. To try other ids on a runtime, use
 * `Runtime.command`.
 *
 * @throws InvalidContainerIdError
 */
export function checkContainerId(id: string): void {
  const reason = refusalOf(id)
  if (reason !== undefined) {
    throw new InvalidContainerIdError(
      `container id ${JSON.stringify(shortened(id))} ${reason}: use letters, digits and _ + . - ` +
        `(at most ${maximumLength}); Runtime.command passes any id to the runtime`,
    )
  }
}

function refusalOf(id: string): string | undefined {
  if (id === '') return 'is empty'
  if (id.length > maximumLength) return `is ${id.length} characters long`
  return allowed.test(id) ? undefined : 'holds a character that is not allowed there'
}

function shortened(id: string): string {
  return id.length > 60 ? `${id.slice(0, 60)}…` : id
}

/**
 * Gives container ids that share a prefix: `<prefix>-0001`, `<prefix>-0002`, … They are equally long, so that none begins
 * with another: there are runtimes that take an id for the beginning of one.
 */
export class ContainerIds {
  readonly #prefix: string
  #last = 0

  /**
   * @param prefix what the ids begin with; a random one of this object's own when absent
   * @throws InvalidContainerIdError when no valid id can begin so
   */
  constructor(prefix = `runwright-${randomBytes(5).toString('hex')}`) {
    checkContainerId(`${prefix}-${Number.MAX_SAFE_INTEGER}`)
    this.#prefix = prefix
  }

  next(): string {
    this.#last += 1
    return `${this.#prefix}-${String(this.#last).padStart(idDigits, '0')}`
  }
}
