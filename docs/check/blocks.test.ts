import { describe, expect, test } from 'vitest'
import { type Block, commandsOf, examplesOf, missingLines, promisedOutput } from './blocks.ts'

function block(language: string, line: number, ...lines: readonly string[]): Block {
  return { page: 'page.md', line, language, code: `${lines.join('\n')}\n` }
}

describe('commands', () => {
  test('are the lines of shell, without comments', () => {
    const commands = commandsOf([block('sh', 3, '# a comment', 'one   # two', '', "echo '#'")])
    expect(commands.map(({ line, text }) => `${line}: ${text}`)).toEqual(['5: one', "7: echo '#'"])
  })

  test('are the steps of a workflow', () => {
    const commands = commandsOf([block('yaml', 1, 'steps:', '  - uses: it', '  - run: one', '    run: two')])
    expect(commands.map(({ text }) => text)).toEqual(['one', 'two'])
  })

  test('print what stands right behind their block, the last of them', () => {
    const [first, last] = commandsOf([block('sh', 1, 'one', 'two'), block('text', 6, 'printed')])
    expect([first?.output, last?.output]).toEqual([[], ['printed']])
    expect(commandsOf([block('sh', 1, 'one'), block('text', 9, 'printed')])[0]?.output).toEqual([])
  })
})

test('lines are missing that are not printed, or not in their order', () => {
  expect(missingLines(['a (…) b', 'c'], 'first\na (1) b\nc\n')).toEqual([])
  expect(missingLines(['a', 'c'], 'c\na\n')).toEqual(['c'])
  expect(missingLines(['a.c'], 'abc\n')).toEqual(['a.c'])
})

describe('examples', () => {
  test('go on in blocks without imports', () => {
    const blocks = [
      block('ts', 1, "import { one } from 'it'"),
      block('sh', 5, 'between'),
      block('ts', 9, 'one()'),
      block('ts', 13, "import { test } from 'vitest'"),
    ]
    expect(examplesOf(blocks)).toEqual([
      {
        page: 'page.md',
        line: 1,
        code: "import { one } from 'it'\none()\n",
        file: 'line-1.ts',
        kind: 'program',
      },
      {
        page: 'page.md',
        line: 13,
        code: "import { test } from 'vitest'\n",
        file: 'line-13.test.ts',
        kind: 'tests',
      },
    ])
  })

  test('are files where they begin with the name of one: tests, or a module that others use', () => {
    const blocks = [
      block('ts', 1, '// suites/mine.ts', "import { suite } from 'runwright'"),
      block('ts', 9, '// mine.test.ts', "import { test } from 'vitest'"),
    ]
    expect(examplesOf(blocks)).toMatchObject([
      { file: 'suites/mine.ts', kind: 'module' },
      { file: 'mine.test.ts', kind: 'tests' },
    ])
  })

  test('promise what stands behind a line that prints, and below it', () => {
    const lines = [
      '// said of the code',
      'console.log(1) // 1',
      'for (const x of y) console.log(x)',
      '// 2',
      '// 3',
    ]
    expect(promisedOutput([...lines, 'two()', '// no more'].join('\n'))).toBe('1\n2\n3')
  })
})
