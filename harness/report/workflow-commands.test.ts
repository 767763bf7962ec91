import { expect, test } from 'vitest'
import { failedWith, mixedResults, reportWith, requirementWith, resultsOf } from './report.fixture.ts'
import { annotations, withoutWorkflowCommands } from './workflow-commands.ts'

const requirement = requirementWith()
const catalogue = new Map([[requirement.id, requirement]])

test('what is red is an annotation with requirement, evidence and how to see it again', () => {
  const error = { name: 'AssertionError', message: '100% wrong:\nyes, it is' }
  const test = failedWith({ title: 'refuses: a, b', error })
  expect(annotations(resultsOf([reportWith(), test]), catalogue)).toBe(
    '::error title=runc%3A refuses%3A a%2C b (fail)::MUST: Kill delivers exactly the asked signal.%0A' +
      '100%25 wrong:%0Ayes, it is%0Aagain: runwright run kill/kill-delivers --runtime runc --keep',
  )
})

test('hostile texts make no command of their own, and no more lines than there are annotations', () => {
  const lines = annotations(mixedResults(), catalogue).split('\n')
  expect(lines).toHaveLength(6)
  expect(lines.every((line) => line.startsWith('::error title='))).toBe(true)
})

test('no more annotations are written than are shown, and none where nothing is red', () => {
  const many = Array.from({ length: 30 }, (_, number) => failedWith({ id: `kill/${number}` }))
  expect(annotations(resultsOf(many), catalogue).split('\n')).toHaveLength(10)
  expect(annotations(resultsOf([reportWith()]), catalogue)).toBe('')
})

test('in between, commands are stopped until the token comes', () => {
  expect(withoutWorkflowCommands('::set-output name=a::b', 'secret')).toBe(
    '::stop-commands::secret\n::set-output name=a::b\n::secret::',
  )
})
