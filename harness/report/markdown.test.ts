import { describe, expect, test } from 'vitest'
import { markdownReport } from './markdown.ts'
import { failedWith, mixedResults, reportWith, requirementWith, resultsOf } from './report.fixture.ts'

const requirement = requirementWith()
const catalogue = new Map([[requirement.id, requirement]])

describe('a summary in Markdown', () => {
  const text = markdownReport(mixedResults(), catalogue)

  test('begins with the verdict and counts by runtime', () => {
    expect(text).toMatch(/^## ❌ red: 7 of 8 tests ran/)
    expect(text).toContain('| runc 1.1.5 | 1 | 2 | 1 | 1 | 1 | 1 |')
    expect(markdownReport(resultsOf([reportWith()]), catalogue)).toMatch(/^## ✅ green: 1 of 1 tests ran/)
  })

  test('says what the specification wants, and where', () => {
    expect(text).toContain('**MUST** Kill delivers exactly the asked signal.')
    expect(text).toContain('(https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#kill)')
  })

  test('tells how to see a failure again', () => {
    expect(text).toContain(
      "runwright run kill/fails --runtime runc --keep\n/usr/bin/runc kill 'a b' 15   # exit 1",
    )
  })

  test('lets no text out of its place: no tag, no mention, no fence that ends early', () => {
    const outside = text.replace(/^(`{3,}).*\n[\s\S]*?\n\1$/gm, '')
    expect(outside).not.toMatch(/<img|<\/script|@everyone/)
    expect(text).toMatch(/^````\n.*``` @everyone/m)
    expect(text).not.toContain('\u001b')
  })
})

test('of many failures the first are told and the rest counted', () => {
  const many = Array.from({ length: 30 }, (_, number) => failedWith({ id: `kill/fails-${number}` }))
  const text = markdownReport(resultsOf(many), catalogue)
  expect(text.match(/<details>/g)).toHaveLength(20)
  expect(text).toContain('… and 10 more')
})
