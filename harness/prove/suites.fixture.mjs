// Suites that are small enough to be proved in a test: one about host names, one about something else. The test runner
// loads them as it loads the shipped ones, compiled.
import { parseCatalogue, suite } from '../../dist/modules/harness/suite/index.js'

const names = suite('names', ({ test }) => {
  test('the container has the configured name', {
    covers: ['hostname-optional'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('named', ['hostname'], (spec) => {
      spec.hostname = 'proving-ground'
    })
    expect(await runtime.run(bundle)).toHavePrinted('proving-ground\n')
  })

  test('the container has any name', {
    covers: ['hostname-optional'],
  }, async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('any', ['hostname']))).toHavePrinted(/./)
  })
})

const others = suite('others', ({ test }) => {
  test('a program runs', { covers: [] }, async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('running', ['echo', 'ran']))).toHavePrinted('ran\n')
  })

  test('a program that is missing runs', { covers: [] }, async ({ bundles, runtime, expect }) => {
    expect(await runtime.run(await bundles.busybox('missing', ['/no-such-program']))).toHaveExited(0)
  })
})

export const suites = [names, others]
export const catalogue = parseCatalogue([
  {
    id: 'hostname-optional',
    level: 'OPTIONAL',
    since: '1.0',
    file: 'config.md',
    anchor: 'hostname',
    subject: 'config',
    area: 'names',
    statement: 'A configuration may name the container.',
    observable: 'black-box',
    probe: 'Ask the container for its name.',
    kind: 'rfc2119',
  },
])
export const deviations = []
