import type { JsonPath } from '../../json/path.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../problem.ts'
import { show } from '../show.ts'

const nul = '\u0000'

/** The texts of a configuration that reach the kernel as C strings, which end at the first NUL. */
export const checkTexts: Check = function* ({ spec, entries }) {
  const { process, mounts, linux } = spec
  const lists = [
    [['process', 'args'], process?.args],
    [['process', 'env'], process?.env],
    [['linux', 'maskedPaths'], linux?.maskedPaths],
    [['linux', 'readonlyPaths'], linux?.readonlyPaths],
  ] as const
  for (const [path, list] of lists) {
    for (const [place, text] of entries(list)) yield* nulIn(text, [...path, place])
  }
  yield* nulIn(process?.cwd, ['process', 'cwd'])
  yield* nulIn(spec.root?.path, ['root', 'path'])
  yield* nulIn(spec.hostname, ['hostname'])
  for (const [place, mount] of entries(mounts)) {
    yield* nulIn(mount.destination, ['mounts', place, 'destination'])
    yield* nulIn(mount.source, ['mounts', place, 'source'])
  }
}

function* nulIn(text: string | undefined, path: JsonPath): Iterable<Finding> {
  if (text?.includes(nul)) {
    yield {
      code: 'NUL_CHARACTER',
      path,
      value: text,
      message: `must not contain a NUL character, but is ${show(text)}`,
    }
  }
}
