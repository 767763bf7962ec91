import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '../harness/bundle/index.ts'
import type { Runtime } from '../harness/runtime/index.ts'
import {
  combine,
  stringifyJson,
  withAnnotation,
  withEnv,
  withHook,
  withoutValue,
  withSeccomp,
  withValue,
} from '../harness/spec/index.ts'
import { type DeclareTest, suite } from '../harness/suite/index.ts'
import { shell, sleeping } from './programs.ts'

/** Members and lists of a configuration to which something is added that no version of the specification knows. */
const extensible: Readonly<Record<string, string>> = {
  'at its top': 'x-runwright',
  'in process': 'process.x-runwright',
  'in process.user': 'process.user.x-runwright',
  'in process.capabilities': 'process.capabilities.x-runwright',
  'in root': 'root.x-runwright',
  'in a mount': 'mounts[0].x-runwright',
  'in linux': 'linux.x-runwright',
  'in a namespace': 'linux.namespaces[0].x-runwright',
  'in linux.resources': 'linux.resources.x-runwright',
  'in linux.seccomp': 'linux.seccomp.x-runwright',
  'in hooks': 'hooks.x-runwright',
  'in a hook': 'hooks.createRuntime[0].x-runwright',
}

/** Values that no version of the specification allows at their place. */
const invalidValues: Readonly<Record<string, readonly [path: string, value: unknown]>> = {
  'a list where process belongs': ['process', []],
  'a text where process.args belongs': ['process.args', 'sleep 1000'],
  'a number among process.args': ['process.args', ['sleep', 1000]],
  'a number where process.cwd belongs': ['process.cwd', 7],
  'a text where process.terminal belongs': ['process.terminal', 'no'],
  'a text where process.env belongs': ['process.env', 'PATH=/bin'],
  'a user id that is negative': ['process.user.uid', -1],
  'a user id that is a text': ['process.user.uid', '0'],
  'a user id beyond 32 bits': ['process.user.uid', 2 ** 32],
  'a user id with a fraction': ['process.user.uid', 0.5],
  'an out-of-memory score that is a text': ['process.oomScoreAdj', '5'],
  'an out-of-memory score beyond 1000': ['process.oomScoreAdj', 1001],
  'a resource limit that is negative': [
    'process.rlimits',
    [{ type: 'RLIMIT_NOFILE', soft: -1024, hard: 1024 }],
  ],
  'a text where root belongs': ['root', 'rootfs'],
  'a number where root.path belongs': ['root.path', 7],
  'a text where root.readonly belongs': ['root.readonly', 'yes'],
  'an object where mounts belongs': ['mounts', {}],
  'a text where the options of a mount belong': ['mounts[0].options', 'ro'],
  'a number where hostname belongs': ['hostname', 7],
  'a namespace of a type that does not exist': ['linux.namespaces[0].type', 'flavour'],
  'a text where linux.resources belongs': ['linux.resources', 'many'],
  'a memory limit that is a text': ['linux.resources.memory', { limit: '67108864' }],
  'a limit of processes that is a text': ['linux.resources.pids', { limit: '17' }],
  'a kernel parameter that is a number': ['linux.sysctl', { 'net.ipv4.ip_forward': 1 }],
  'a text where linux.maskedPaths belongs': ['linux.maskedPaths', '/proc/kcore'],
  'a propagation that does not exist': ['linux.rootfsPropagation', 'sideways'],
  'an execution domain that does not exist': ['linux.personality', { domain: 'PLAN9' }],
  'an annotation that is a number': ['annotations', { 'org.runwright.count': 7 }],
  'a text where hooks belongs': ['hooks', 'none'],
  'an object where the hooks of a kind belong': ['hooks', { poststop: {} }],
}

/** Texts that are no configuration at all, made of one that is. */
const noConfigurations: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'an empty config.json': () => '',
  'a config.json that ends too early': (text) => text.slice(0, text.length / 2),
  'a config.json with a comma too many': (text) => text.replace(/}\s*$/, ',}'),
  'a config.json that holds a list': (text) => `[${text}]`,
  'a config.json that holds null': () => 'null',
}

/** What is no version by the letter of SemVer 2.0.0, though close to one. */
const malformedVersions: Readonly<Record<string, string>> = {
  'of two numbers': '1.0',
  'of four numbers': '1.0.0.0',
  'with a letter in front': 'v1.0.0',
  'with a leading zero': '01.0.0',
  'that ends in a hyphen': '1.0.0-',
  'that is a word': 'one',
}

/** A bundle with exactly this text for a configuration, and another bundle's root file system. */
async function bundleWith(directory: string, text: string | Buffer): Promise<{ readonly path: string }> {
  await mkdir(directory)
  await writeFile(join(directory, 'config.json'), text)
  return { path: directory }
}

/** The configuration of a bundle as a text that can stand anywhere. */
function textOf({ spec, rootfs }: Bundle): string {
  return stringifyJson({ ...spec, root: { ...spec.root, path: rootfs } }, { indent: '\t' })
}

function createRaw(runtime: Runtime, bundle: { readonly path: string }, id: string) {
  return runtime.command(['create', '--bundle', bundle.path, id])
}

function declareEncoding(test: DeclareTest): void {
  const word = 'grün ☃ 𝄞'

  test('texts beyond ASCII reach the program as they are in the configuration', {
    covers: ['json-utf8-encoding'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('utf-8', shell('printf %s "$WORD"'), withEnv({ WORD: word }))
    expect(await runtime.run(bundle)).toHavePrinted(word)
  })

  test('texts beyond ASCII come back in the state as they are in the configuration', {
    covers: ['json-utf8-encoding'],
  }, async ({ bundles, runtime, expect }) => {
    const bundle = await bundles.busybox('utf-8-state', sleeping, withAnnotation('org.runwright.word', word))
    const { annotations } = await (await runtime.create(bundle)).state()
    // The property may be left out; where it is given, it has to be right.
    if (annotations !== undefined) expect(annotations).toMatchObject({ 'org.runwright.word': word })
  })

  const encodings: Readonly<Record<string, (text: string) => Buffer>> = {
    'with a byte that is no UTF-8': (text) => Buffer.from(text.replace('WORD=', 'WORD=\u00ff'), 'latin1'),
    'in UTF-16': (text) => Buffer.from(text, 'utf16le'),
  }
  for (const [description, encode] of Object.entries(encodings)) {
    test(`create refuses a configuration ${description}`, {
      covers: ['json-utf8-encoding'],
    }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
      const text = textOf(await bundles.busybox('encoded', sleeping, withEnv({ WORD: '' })))
      const directory = await temporaryDirectory()
      await control('the same configuration in UTF-8 is accepted', async () =>
        runtime.create(await bundleWith(join(directory, 'good'), text), { id: id('good') }),
      )
      const bundle = await bundleWith(join(directory, 'bad'), encode(text))
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
    })
  }

  for (const [description, twice] of Object.entries({
    'at the top of a configuration': (text: string) =>
      text.replace('{', '{ "hostname": "one", "hostname": "two",'),
    'deep in a configuration': (text: string) => text.replace(/"cwd":/, '"cwd": "/tmp", "cwd":'),
  })) {
    test(`create refuses a member name that stands twice ${description}`, {
      covers: ['json-no-duplicate-names'],
    }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
      const text = textOf(await bundles.busybox('once', sleeping, withoutValue('hostname')))
      const directory = await temporaryDirectory()
      await control('the same configuration without the second is accepted', async () =>
        runtime.create(await bundleWith(join(directory, 'good'), text), { id: id('good') }),
      )
      const bundle = await bundleWith(join(directory, 'bad'), twice(text))
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
    })
  }

  for (const [description, spoil] of Object.entries(noConfigurations)) {
    test(`create refuses ${description}`, {
      covers: ['valid-values-invalid-errors'],
    }, async ({ bundles, runtime, control, id, temporaryDirectory, expect }) => {
      const text = textOf(await bundles.busybox('sleeping', sleeping))
      const directory = await temporaryDirectory()
      await control('the configuration it is made of is accepted', async () =>
        runtime.create(await bundleWith(join(directory, 'good'), text), { id: id('good') }),
      )
      const bundle = await bundleWith(join(directory, 'bad'), spoil(text))
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
    })
  }
}

function declareVersions(test: DeclareTest): void {
  for (const version of ['1.0.0', '1.0.1', '1.0.2', '1.0.0-rc5', '1.0.2-dev', '1.0.2+build']) {
    test(`a configuration of version ${version} is accepted`, {
      covers: ['ociversion-compatibility', 'ociversion-semver'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox(
        `version-${version}`,
        ['echo', 'ran'],
        withValue('ociVersion', version),
      )
      expect(await runtime.run(bundle)).toHavePrinted('ran\n')
    })
  }

  const faults = {
    'without a version': withoutValue('ociVersion'),
    'whose version is empty': withValue('ociVersion', ''),
    'whose version is a number': withValue('ociVersion', 1),
  }
  const malformed = Object.entries(malformedVersions).map(
    ([description, version]) =>
      [`whose version is one ${description}`, withValue('ociVersion', version)] as const,
  )
  for (const [description, fault] of [...Object.entries(faults), ...malformed]) {
    test(`create refuses a configuration ${description}`, {
      covers: [description.includes('version is one') ? 'ociversion-semver' : 'ociversion-required'],
    }, async ({ bundles, runtime, control, id, expect }) => {
      await control('the configuration with its own version is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping), { id: id('good') }),
      )
      const bundle = await bundles.busybox(nameOf(description), sleeping, fault)
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
    })
  }
}

function declareValues(test: DeclareTest): void {
  for (const [description, path] of Object.entries(extensible)) {
    test(`an unknown property ${description} is ignored`, {
      covers: ['extensibility-unknown-ignored'],
    }, async ({ bundles, runtime, expect }) => {
      const bundle = await bundles.busybox(
        `unknown-${nameOf(description)}`,
        ['echo', 'ran'],
        combine(
          withHook('createRuntime', { path: '/bin/sh', args: ['sh', '-c', 'cat > /dev/null'] }),
          withSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' }),
          withValue(path, { deep: [1, 'two', null] }),
        ),
      )
      expect(await runtime.run(bundle)).toHavePrinted('ran\n')
    })
  }

  for (const [description, [path, value]] of Object.entries(invalidValues)) {
    test(`create refuses ${description}`, {
      covers: ['valid-values-invalid-errors'],
    }, async ({ bundles, runtime, control, id, expect }) => {
      await control('the configuration without the fault is accepted', async () =>
        runtime.create(await bundles.busybox('sleeping', sleeping), { id: id('good') }),
      )
      const bundle = await bundles.busybox(nameOf(description), sleeping, withValue(path, value))
      await expect(createRaw(runtime, bundle, id('bad'))).toBeRefused()
      await expect(runtime.state(id('bad'))).toBeRefused()
    })
  }
}

/** The name of a bundle, made of a title. */
function nameOf(title: string): string {
  return title.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
}

export const validationErrors = suite('validation-errors', ({ test }) => {
  declareEncoding(test)
  declareVersions(test)
  declareValues(test)
})
