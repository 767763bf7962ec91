import { defineSuites } from 'runwright/suites'
import { test } from 'vitest'
import { own } from './own.ts'

const deviations = 'conformance/deviations.json'

defineSuites(test, { suites: [own], deviations })

// A few shipped areas for every day; `npx runwright list` names them all, and `npx runwright run` runs them.
defineSuites(test, { areas: ['lifecycle', 'state', 'kill'], deviations })
