import { withoutValue, withValue } from '../harness/spec/index.ts'
import { suite } from '../harness/suite/index.ts'
import { sleeping } from './programs.ts'

/** Members of linux.intelRdt, of which each alone asks for the resource control file system. */
const requests: Readonly<Record<string, object>> = {
  'that is empty': {},
  'that names a class of service': { closID: 'runwright' },
  'with a schema for the memory bandwidth': { memBwSchema: 'MB:0=100' },
}

/** Values that are wrong whatever the processor offers, each beside a good one. */
const malformed: Readonly<
  Record<string, { readonly good: object; readonly bad: object; readonly covers: string }>
> = {
  'a schema for the memory bandwidth that does not begin with MB:': {
    good: { memBwSchema: 'MB:0=100' },
    bad: { memBwSchema: '0=100' },
    covers: 'intelrdt-membw-prefix',
  },
  'a schema for the memory bandwidth of two lines': {
    good: { memBwSchema: 'MB:0=100' },
    bad: { memBwSchema: 'MB:0=100\nMB:0=90' },
    covers: 'intelrdt-membw-no-newline',
  },
  'a line of a schemata list that is two': {
    good: { schemata: ['MB:0=100'] },
    bad: { schemata: ['MB:0=100\nMB:0=90'] },
    covers: 'intelrdt-schemata-no-newline',
  },
}

export const intelRdt = suite('intel-rdt', ({ test }) => {
  test('a configuration without linux.intelRdt is accepted', { covers: ['intelrdt-optional'] }, async ({
    bundles,
    runtime,
    expect,
  }) => {
    const bundle = await bundles.busybox('without', ['echo', 'ran'], withoutValue('linux.intelRdt'))
    expect(await runtime.run(bundle)).toHavePrinted('ran\n')
  })

  for (const [description, request] of Object.entries(requests)) {
    test(`where no resource control file system is mounted, create refuses linux.intelRdt ${description}`, {
      covers: ['intelrdt-no-resctrl-errors'],
      needs: ['no-resctrl'],
    }, async ({ bundles, runtime, control, id, expect }) => {
      await control('the configuration without it is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping), { id: id('good') }),
      )
      const bundle = await bundles.busybox(
        nameOf(description),
        sleeping,
        withValue('linux.intelRdt', request),
      )
      await expect(runtime.command(['create', '--bundle', bundle.path, id('bad')])).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
    })
  }

  for (const [description, { good, bad, covers }] of Object.entries(malformed)) {
    test(`create refuses ${description}`, { covers: [covers], needs: ['resctrl'] }, async ({
      bundles,
      runtime,
      control,
      id,
      expect,
    }) => {
      const name = nameOf(description)
      await control('the configuration without the fault is accepted', async () =>
        runtime.create(
          await bundles.busybox(`${name}-control`, sleeping, withValue('linux.intelRdt', good)),
          { id: id('good') },
        ),
      )
      const bundle = await bundles.busybox(name, sleeping, withValue('linux.intelRdt', bad))
      await expect(runtime.command(['create', '--bundle', bundle.path, id('bad')])).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
    })
  }
})

/** The name of a bundle, made of a title. */
function nameOf(title: string): string {
  return title.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
}
