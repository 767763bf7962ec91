import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { specFileName } from '../spec/index.ts'
import type { TextEdit } from './command-draft.ts'

interface EditedFile {
  /** What the caller wrote. */
  readonly pristine: string
  /** What stands there instead. */
  readonly written: string
}

/**
 * The configurations of bundles that are edited where they lie, because a bundle's path shows in a container's state.
 * What the caller wrote is kept, and told apart from what was put in its place.
 */
export class EditedConfigurations {
  readonly #files = new Map<string, EditedFile>()

  /**
   * Gives a bundle the edited configuration, or its own again where the edits change nothing.
   *
   * @returns the text that is there now, and whether it is another than the caller's; undefined where there is none
   */
  edit(
    bundle: string,
    edits: readonly TextEdit[],
  ): { readonly text: string; readonly isChanged: boolean } | undefined {
    const path = join(bundle, specFileName)
    const current = textOf(path)
    if (current === undefined) return undefined
    const known = this.#files.get(path)
    const pristine = known?.written === current ? known.pristine : current
    const wanted = edits.reduce((text, edit) => edit(text), pristine)
    if (wanted !== current) replace(path, wanted)
    if (wanted === pristine) this.#files.delete(path)
    else this.#files.set(path, { pristine, written: wanted })
    return { text: wanted, isChanged: wanted !== pristine }
  }

  /** Puts back what the callers wrote, where it has not been overwritten since. */
  restore(): void {
    for (const [path, { pristine, written }] of this.#files)
      if (textOf(path) === written) replace(path, pristine)
    this.#files.clear()
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // the real runtime will say what is wrong with it
  }
}

/** Others may be reading it: it is whole at any time. */
function replace(path: string, text: string): void {
  const unfinished = `${path}.edited`
  writeFileSync(unfinished, text, { mode: statSync(path).mode })
  renameSync(unfinished, path)
}
