import { readFileSync } from 'node:fs'
import { parseCatalogue, type Requirement } from '../harness/suite/index.ts'

/** The requirements of the OCI runtime specification 1.3 for Linux, by id. */
export const catalogue: ReadonlyMap<string, Requirement> = parseCatalogue(
  JSON.parse(readFileSync(new URL('./requirements.json', import.meta.url), 'utf8')),
)
