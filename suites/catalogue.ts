import { readFileSync } from 'node:fs'
import { programPath } from '../harness/host/index.ts'
import { parseCatalogue, type Requirement } from '../harness/suite/index.ts'

/** The requirements of the OCI runtime specification 1.3 for Linux, by id. */
export const catalogue: ReadonlyMap<string, Requirement> = parseCatalogue(
  JSON.parse(readFileSync(programPath('suites/requirements.json'), 'utf8')),
)
