import { defineSuites } from 'runwright/suites'
import { test } from 'vitest'

// A few areas for every day; `npx runwright list` names them all, and `npx runwright run` runs them.
defineSuites(test, {
  areas: ['lifecycle', 'state', 'kill'],
  deviations: 'conformance/deviations.json',
})
