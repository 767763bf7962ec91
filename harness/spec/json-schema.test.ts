import { describe, expect, test } from 'vitest'
import { parseJson } from './json/document.ts'
import { jsonSchemaOf, jsonSchemaText } from './json-schema.ts'

describe('the JSON Schema', () => {
  const schema = parseJson(jsonSchemaText('config'))

  test('describes a configuration', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      required: ['ociVersion'],
      properties: {
        process: { $ref: '#/$defs/process' },
        mounts: { type: 'array', items: { $ref: '#/$defs/mount' } },
        annotations: { type: 'object', additionalProperties: { type: 'string' } },
        vm: { type: 'object', additionalProperties: {} },
      },
      $defs: {
        mount: { required: ['destination'] },
        seccomp: {
          properties: {
            syscalls: {
              items: { properties: { names: { type: 'array', minItems: 1, items: { type: 'string' } } } },
            },
          },
        },
        linux: { properties: { rootfsPropagation: { enum: ['private', 'shared', 'slave', 'unbindable'] } } },
        resources: {
          properties: {
            hugepageLimits: {
              items: { properties: { pageSize: { type: 'string', pattern: '^[1-9][0-9]*[KMG]B$' } } },
            },
          },
        },
      },
    })
  })

  test('has the bounds of 64-bit integers in full', () => {
    expect(schema).toMatchObject({
      $defs: {
        process: {
          properties: {
            rlimits: { items: { properties: { soft: { minimum: 0, maximum: 18446744073709551615n } } } },
          },
        },
        resources: {
          properties: {
            memory: {
              properties: { limit: { minimum: -9223372036854775808n, maximum: 9223372036854775807n } },
            },
          },
        },
      },
    })
  })

  test('forbids no member it does not know', () => {
    expect(jsonSchemaText('config')).not.toContain('"additionalProperties": false')
  })

  test('lets null stand for unknown in the features', () => {
    expect(jsonSchemaOf('features')).toMatchObject({
      required: ['ociVersionMin', 'ociVersionMax'],
      properties: { hooks: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] } },
    })
  })

  test.for(['state', 'process'] as const)('there is one of the %s', (document) => {
    expect(jsonSchemaOf(document)).toMatchObject({ type: 'object', title: expect.any(String) })
  })

  test('leads nowhere that is not described', () => {
    const text = jsonSchemaText('config')
    const defined = Object.keys(Object(jsonSchemaOf('config')).$defs)
    const referred = [...text.matchAll(/#\/\$defs\/(\w+)/g)].map(([, name]) => name)
    expect([...new Set(referred)].sort()).toEqual(defined.sort())
  })
})
