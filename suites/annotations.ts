import { until } from '../harness/host/index.ts'
import { type Edit, withAnnotation, withoutValue, withValue } from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { expectFaultRefused } from './acceptance.ts'
import { patienceMs, untilPrinted } from './containers.ts'
import { reportingSignals, sleeping } from './programs.ts'

type Annotations = Readonly<Record<string, string>>

const withAnnotations = (annotations: Annotations): Edit => withValue('annotations', annotations)

/**
 * The annotations that the state of a container with these lists. The state may leave the property out; then the
 * container having been created says all there is to say.
 */
async function annotationsInState(
  { bundles, runtime }: TestContext,
  name: string,
  edit: Edit,
): Promise<Annotations | undefined> {
  const container = await runtime.create(await bundles.busybox(name, sleeping, edit))
  await container.start()
  const { annotations } = await container.state()
  return annotations
}

/** Annotations that have to be accepted and passed on as they are, by what is special about them. */
const accepted: Readonly<
  Record<string, { readonly covers: readonly string[]; readonly annotations: Annotations }>
> = {
  'in reverse domain notation': {
    covers: ['annotations-optional', 'annotations-keys-reverse-domain'],
    annotations: { 'org.runwright.colour': 'green', 'org.runwright.shape': 'round' },
  },
  'with keys of one word': {
    covers: ['annotations-keys-reverse-domain'],
    annotations: { colour: 'green' },
  },
  'with structured text as their values': {
    covers: ['annotations-structure-free'],
    annotations: { 'org.runwright.document': '{"list": [1, "two", null], "blank":  " "}' },
  },
  'with empty values': {
    covers: ['annotations-values-may-be-empty'],
    annotations: { 'org.runwright.nothing': '', 'org.runwright.something': 'x' },
  },
  'with quotes, line breaks and letters of every alphabet': {
    covers: ['annotations-structure-free'],
    annotations: { 'org.runwright.text': 'one "two"\n\tthree \\ zażółć 日本語 🚂' },
  },
  'with values of many thousand characters': {
    covers: ['annotations-structure-free'],
    annotations: { 'org.runwright.long': 'long '.repeat(10_000) },
  },
  'with keys nobody knows': {
    covers: ['annotations-unknown-keys-handled'],
    annotations: {
      'com.example.never.heard.of': 'x',
      'org.opencontainers.never.heard.of': 'y',
    },
  },
  'about an image, as the specification names them': {
    covers: [
      'annotations-image-keys-may-be-used',
      'annotations-image-keys-valid-values',
      'annotations-org-opencontainers-as-specified',
    ],
    annotations: {
      'org.opencontainers.image.os': 'linux',
      'org.opencontainers.image.os.version': '12.5',
      'org.opencontainers.image.os.features': 'one,two',
      'org.opencontainers.image.architecture': 'amd64',
      'org.opencontainers.image.variant': 'v8',
      'org.opencontainers.image.author': 'Runwright <runwright@example.org>',
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
      'org.opencontainers.image.stopSignal': 'SIGUSR1',
    },
  },
}

/** What is no valid set of annotations, as a fault of one that is. */
const faults: Readonly<Record<string, { readonly covers: string; readonly fault: Edit }>> = {
  'that are a list': {
    covers: 'annotations-key-value-map',
    fault: withValue('annotations', ['org.runwright.colour']),
  },
  'that are a text': {
    covers: 'annotations-key-value-map',
    fault: withValue('annotations', 'org.runwright.colour'),
  },
  'with an empty key': {
    covers: 'annotations-keys-not-empty',
    fault: withValue(['annotations', ''], 'green'),
  },
  'with a number as a value': {
    covers: 'annotations-values-strings',
    fault: withValue(['annotations', 'org.runwright.colour'], 1),
  },
  'with a truth value as a value': {
    covers: 'annotations-values-strings',
    fault: withValue(['annotations', 'org.runwright.colour'], true),
  },
  'with null as a value': {
    covers: 'annotations-values-strings',
    fault: withValue(['annotations', 'org.runwright.colour'], null),
  },
  'with an object as a value': {
    covers: 'annotations-values-strings',
    fault: withValue(['annotations', 'org.runwright.colour'], { name: 'green' }),
  },
}

export const annotations = suite('annotations', ({ test }) => {
  for (const [description, { covers, annotations }] of Object.entries(accepted)) {
    test(`annotations ${description} are accepted, and unchanged where the state lists them`, {
      covers,
    }, async (context) => {
      const name = `accepted-${Object.keys(accepted).indexOf(description)}`
      const listed = await annotationsInState(context, name, withAnnotations(annotations))
      if (listed !== undefined) context.expect(listed).toMatchObject(annotations)
    })
  }

  for (const [description, edit] of Object.entries({
    'without annotations': withoutValue('annotations'),
    'with an empty map of annotations': withAnnotations({}),
  })) {
    test(`a configuration ${description} is accepted, and its state lists none`, {
      covers: ['annotations-optional', 'annotations-absent-or-empty'],
    }, async (context) => {
      const listed = await annotationsInState(context, description.replaceAll(' ', '-'), edit)
      context.expect(listed ?? {}).toEqual({})
    })
  }

  for (const [description, { covers, fault }] of Object.entries(faults)) {
    test(`annotations ${description} are refused`, { covers: [covers] }, async (context) => {
      const sound = withAnnotation('org.runwright.colour', 'green')
      await expectFaultRefused(context, description, fault, sound)
    })
  }

  test('a configured stop signal should be what kill sends where no other is named', {
    covers: ['annotations-stopsignal-meaning'],
  }, async ({ bundles, runtime, expect }) => {
    const program = reportingSignals(['USR1', 'TERM'], 'INT')
    const edit = withAnnotation('org.opencontainers.image.stopSignal', 'SIGUSR1')
    const container = await runtime.create(await bundles.busybox('stop-signal', program, edit))
    await container.start()
    await untilPrinted(container.init, 'ready\n')
    await runtime.command(['kill', container.id])
    const printed = await until(
      async () => {
        const text = await container.init.stdout()
        return text === 'ready\n' ? undefined : text
      },
      { timeoutMs: patienceMs, what: 'the program to tell of a signal' },
    )
    expect(printed).toBe('ready\nUSR1\n')
  })
})
