import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { packageDirectory } from '../host/index.ts'

/** The version of this package. */
export function packageVersion(): string {
  const text = readFileSync(join(packageDirectory(), 'package.json'), 'utf8')
  return v.parse(v.object({ version: v.string() }), JSON.parse(text)).version
}
