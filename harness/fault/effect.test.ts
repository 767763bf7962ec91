import { describe, expect, test } from 'vitest'
import { parseSpec, stringifyJson, withHostname } from '../spec/index.ts'
import { type CommandDraft, untouched } from './command-draft.ts'
import {
  after,
  all,
  answer,
  before,
  configuration,
  configurationDocument,
  configurationText,
  type Effect,
  everyProcess,
  executedProcess,
  onCall,
  once,
  operands,
  options,
  program,
  repeat,
  skip,
  status,
  updatedResources,
} from './effect.ts'

function drafted(effect: Effect, verb: string, verbs: readonly string[] = []): CommandDraft {
  const history = { verbs, spec: undefined, bundle: undefined }
  const facts = { verb, root: '/r', id: 'one', bundle: undefined, history, notes: '/n' }
  const draft = untouched({ ...facts, globals: [], options: [{ name: '--force' }], operands: ['one', '9'] })
  effect(draft)
  return draft
}

/** What a configuration becomes. */
function configured(effect: Effect, text: string): string {
  return drafted(effect, 'create').configuration.reduce((before, edit) => edit(before), text)
}

const plain = '{"ociVersion":"1.0.2","linux":{"resources":{"memory":{"limit":9223372036854775807}}}}'

describe('the configuration', () => {
  test('is edited for what makes a container and for nothing else', () => {
    const effect = configuration(withHostname('wrong'))
    expect(drafted(effect, 'run').configuration).toHaveLength(1)
    expect(drafted(effect, 'state')).toEqual(drafted(all(), 'state'))
  })

  test('keeps integers that a double cannot hold', () => {
    const edited = configured(configuration(withHostname('wrong')), plain)
    expect(edited).toContain('"limit":9223372036854775807')
    expect(parseSpec(edited, { semantics: false }).hostname).toBe('wrong')
  })

  test('stays byte for byte when the edit changes nothing', () => {
    const spaced = plain.replaceAll(',', ' , ')
    expect(
      configured(
        configuration((spec) => structuredClone(spec) as never),
        spaced,
      ),
    ).toBe(spaced)
  })

  test.each(['{', 'null', '[]', '{"ociVersion":7}'])('is left alone when it is none: %s', (text) => {
    expect(configured(configuration(withHostname('wrong')), text)).toBe(text)
  })

  test('is edited as a document where it has not the shape of one', () => {
    const effect = configurationDocument((document) => {
      document['ociVersion'] = '1.0.2'
    })
    expect(configured(effect, '{"ociVersion":7}')).toBe('{"ociVersion":"1.0.2"}')
  })
})

test('a configuration is edited as a text, also where it is no JSON', () => {
  const effect = configurationText((text) => text.replace(',}', '}'))
  expect(configured(effect, '{"ociVersion":"1.0.2",}')).toBe('{"ociVersion":"1.0.2"}')
  expect(drafted(effect, 'state').configuration).toEqual([])
})

test('a process is changed for exec alone, or for the first process, too', () => {
  const change = executedProcess((process) => {
    process.cwd = '/wrong'
  })
  expect(drafted(change, 'exec').process).toHaveLength(1)
  expect(drafted(change, 'create').configuration).toEqual([])
  const every = everyProcess((process) => {
    process.cwd = '/wrong'
  })
  expect(drafted(every, 'exec').process).toHaveLength(1)
  expect(configured(every, '{"ociVersion":"1.0.2","process":{"cwd":"/"}}')).toContain('"cwd":"/wrong"')
  expect(configured(every, plain)).toBe(plain)
})

test('resources of an update are changed, and others than resources are not', () => {
  const effect = updatedResources((resources) => {
    resources.pids = { limit: 1 }
  })
  const [edit] = drafted(effect, 'update').resources
  expect(edit?.('{}')).toBe('{"pids":{"limit":1}}')
  expect(edit?.('{"pids":7}')).toBe('{"pids":7}')
})

test('options and operands of a verb are others', () => {
  const effect = all(
    options('kill', (given) => given.filter(({ name }) => name !== '--force')),
    operands('kill', ([id = '']) => [id, '15']),
  )
  expect(drafted(effect, 'kill')).toMatchObject({ options: [], operands: ['one', '15'] })
  expect(drafted(effect, 'delete')).toEqual(drafted(all(), 'delete'))
})

test('an answer is changed in place, in a list each, and text that is no JSON stays', () => {
  const [edit] = drafted(
    answer(['state', 'list'], (state) => {
      state['pid'] = 1
    }),
    'list',
  ).output
  expect(edit?.('{"pid":7}')).toBe('{"pid":1}')
  expect(edit?.('[{"pid":7},3]')).toBe('[{"pid":1},3]')
  expect(edit?.('no container\n')).toBe('no container\n')
})

test('a command is skipped, done twice or replaced', () => {
  expect(drafted(skip('start'), 'start').instead).toBe('exit 0')
  expect(drafted(repeat('start'), 'start').instead).toContain('"$REAL" "$@"; exec "$REAL" "$@"')
  expect(drafted(program('all', 'exit 7'), 'start').instead).toBe('exit 7')
})

test.each(['', 'spec'])('a program in place of all commands leaves %j to the real runtime', (verb) => {
  expect(drafted(program('all', 'exit 7'), verb).instead).toBeUndefined()
})

test('things are done before and after, and a status is mapped', () => {
  const effect = all(
    before('start', 'one'),
    after('start', 'two'),
    status('start', (code) => code + 1),
  )
  expect(drafted(effect, 'start')).toMatchObject({ before: ['one'], after: ['two'] })
  expect(drafted(effect, 'start').status.map((map) => map(3))).toEqual([4])
})

describe('an effect', () => {
  test('shows with the second call of a verb only', () => {
    const effect = onCall('state', 2, skip('state'))
    const counts = [[], ['state'], ['state', 'state']].map((verbs) => drafted(effect, 'state', verbs).instead)
    expect(counts).toEqual([undefined, 'exit 0', undefined])
  })

  test('shows once a verb was given', () => {
    const effect = once('pause', skip('state'))
    expect(drafted(effect, 'state', ['create']).instead).toBeUndefined()
    expect(drafted(effect, 'state', ['create', 'pause', 'resume']).instead).toBe('exit 0')
  })
})

test('several effects work on what those before them have made', () => {
  const rename = (name: string) =>
    configuration((spec) => ({ ...withHostname(`${spec.hostname ?? ''}${name}`)(spec) }))
  expect(configured(all(rename('a'), rename('b')), '{"ociVersion":"1.0.2"}')).toBe(
    stringifyJson({ ociVersion: '1.0.2', hostname: 'ab' }),
  )
})
