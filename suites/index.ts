/** The shipped suites, one an area, the catalogue of requirements they cover, and the recorded deviations. */
export { catalogue } from './catalogue.ts'
export { type DefineSuitesOptions, defineSuites, UnknownOptionError } from './define-suites.ts'
export { deviations } from './deviations/index.ts'
export { suites } from './suites.ts'
