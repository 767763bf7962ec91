import { displayName } from './entry-name.ts'
import { ArchiveNameError } from './errors.ts'

const pattern = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/

/**
 * Checks a name before any path is made of it: letters, digits and `. _ + -`, first a letter, a digit or `_`,
 * at most 128.
 *
 * @throws ArchiveNameError
 */
export function checkArchiveName(name: string): void {
  if (pattern.test(name)) return
  const shown = displayName(Buffer.from(name, 'utf8').toString('latin1'))
  throw new ArchiveNameError(
    shown,
    'is no name for an archive: use letters, digits and . _ + -, beginning with a letter, a digit or _, at most 128',
  )
}
