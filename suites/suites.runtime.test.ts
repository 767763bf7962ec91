// The shipped suites against the real runc, as a runtime's own repository runs them.
import { test } from 'vitest'
import { defineSuites } from './index.ts'

defineSuites(test, { runtime: 'runc' })
