import { isAbsolute } from 'node:path'
import { hookKinds } from '../../schema/hooks.ts'
import type { Check } from '../check.ts'
import { show } from '../show.ts'

/** The hooks. */
export const checkHooks: Check = function* ({ spec, entries }) {
  for (const kind of hookKinds) {
    for (const [place, hook] of entries(spec.hooks?.[kind])) {
      if (isAbsolute(hook.path)) continue
      const message = `must be an absolute path, but is ${show(hook.path)}`
      yield { code: 'HOOK_PATH_RELATIVE', path: ['hooks', kind, place, 'path'], value: hook.path, message }
    }
  }
}
