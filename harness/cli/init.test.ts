import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { packageDirectory, programPath } from '../host/index.ts'

// The command is started once or twice in each test, on machines that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const example = join(packageDirectory(), 'examples', 'runtime-author')
const files = [
  '.github/workflows/conformance.yml',
  'conformance/deviations.json',
  'conformance/own.ts',
  'conformance/suites.test.ts',
  'package.json',
  'vitest.config.ts',
]

let place: string
let repository: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'init-'))
  repository = join(place, 'repository')
  mkdirSync(repository)
})

afterEach(() => {
  rmSync(place, { recursive: true })
})

async function init(...args: readonly string[]) {
  return await execa(process.execPath, [programPath('harness/cli/main.js'), 'init', ...args], {
    reject: false,
    stdin: 'ignore',
    cwd: repository,
    env: { NO_COLOR: '1' },
  })
}

function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort()
}

function text(directory: string, path: string): string {
  return readFileSync(join(directory, path), 'utf8')
}

describe('init', () => {
  test("writes the files of the runtime author's example", async () => {
    const { exitCode, stdout, stderr } = await init('--runtime', './my-runtime')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(filesIn(repository)).toEqual(files)
    for (const path of files) {
      expect(stdout).toContain(`written  ${path}\n`)
      if (path === 'conformance/deviations.json') continue // the example has one
      expect(text(repository, path), path).toBe(text(example, path))
    }
    expect(text(repository, 'conformance/deviations.json')).toBe('[]\n')
  })

  test('says what to do next', async () => {
    const { stdout } = await init('--runtime', './build/my-runtime')
    expect(stdout).toMatch(/^ {2}build \.\/build\/my-runtime /m)
    expect(stdout).toMatch(/^ {2}npm install$/m)
    expect(stdout).toMatch(/^ {2}sudo npx vitest run /m)
    expect(stdout).toMatch(
      /^ {2}sudo npx runwright run --runtime \.\/build\/my-runtime --suites conformance\/own\.ts /m,
    )
    expect(stdout).toMatch(
      /^ {2}sudo npx runwright run --runtime \.\/build\/my-runtime --deviations conformance\/deviations\.json /m,
    )
    writeFileSync(join(repository, 'my-runtime'), '')
    expect((await init('--runtime', './my-runtime')).stdout).not.toContain('build ./my-runtime')
  })

  test('tests runc unless told otherwise, and has the workflow get a runtime that is known', async () => {
    await init()
    expect(text(repository, 'vitest.config.ts')).toContain("RUNWRIGHT_RUNTIME = 'runc'")
    expect(text(repository, '.github/workflows/conformance.yml')).toMatch(/npx runwright setup runc$/m)
  })

  test('writes no workflow where none is wanted', async () => {
    expect(await init('--workflow', 'none')).toMatchObject({ exitCode: 0 })
    expect(filesIn(repository)).toEqual(files.slice(1))
  })

  test('writes into the directory that is named, also through a link', async () => {
    mkdirSync(join(place, 'other'))
    symlinkSync(join(place, 'other'), join(place, 'link'))
    const { stdout } = await init('../link')
    expect(stdout).toContain('Next, in ../link\n')
    expect(filesIn(join(place, 'other'))).toEqual(files)
    expect(filesIn(repository)).toEqual([])
  })

  test('leaves what is there as it is, and says so', async () => {
    writeFileSync(join(repository, 'package.json'), '{ "name": "mine" }')
    mkdirSync(join(repository, 'conformance', 'own.ts'), { recursive: true })
    symlinkSync(join(place, 'nowhere'), join(repository, 'conformance', 'deviations.json'))
    const { exitCode, stdout } = await init()
    expect(exitCode).toBe(0)
    for (const path of ['package.json', 'conformance/own.ts', 'conformance/deviations.json']) {
      expect(stdout).toMatch(new RegExp(`^left +${path} +it is there already$`, 'm'))
    }
    expect(text(repository, 'package.json')).toBe('{ "name": "mine" }')
    expect(readdirSync(join(repository, 'conformance', 'own.ts'))).toEqual([])
    expect(lstatSync(join(repository, 'conformance', 'deviations.json')).isSymbolicLink()).toBe(true)
    expect(existsSync(join(place, 'nowhere'))).toBe(false)
    expect(stdout).toMatch(/^written +vitest\.config\.ts$/m)
    expect(stdout).toMatch(/^ {2}npm install --save-dev runwright vitest/m)
  })

  test('changes nothing the second time', async () => {
    await init()
    writeFileSync(join(repository, 'conformance', 'own.ts'), '// mine')
    const { exitCode, stdout } = await init('--runtime', 'crun')
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('written')
    expect(text(repository, 'vitest.config.ts')).toContain("'runc'")
    expect(text(repository, 'conformance/own.ts')).toBe('// mine')
  })

  test.each(['vitest.config.mjs', 'vite.config.js'])('does not take the place of %s', async (name) => {
    writeFileSync(join(repository, name), 'export default {}')
    const { stdout } = await init('--runtime', './my-runtime')
    expect(existsSync(join(repository, 'vitest.config.ts'))).toBe(false)
    expect(stdout).toMatch(
      new RegExp(`^left +vitest\\.config\\.ts +${name} is there: .*RUNWRIGHT_RUNTIME=\\./my-runtime`, 'm'),
    )
  })

  test.each([
    ['a link to a directory', (path: string) => symlinkSync(place, path)],
    ['a link to nowhere', (path: string) => symlinkSync(join(place, 'nowhere'), path)],
    ['a file', (path: string) => writeFileSync(path, '')],
  ])('writes nothing through %s where it needs a directory', async (_, make) => {
    make(join(repository, 'conformance'))
    const before = readdirSync(place)
    const { exitCode, stderr } = await init()
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(
      /^runwright: \.\/conformance\/own\.ts cannot be written: a file or a symbolic link/,
    )
    expect(readdirSync(place)).toEqual(before)
  })

  test("gives the repository's owner what root makes", async (context) => {
    context.skip(process.geteuid?.() !== 0, 'needs root: it gives files away')
    chownSync(repository, 65_534, 65_533)
    await init()
    for (const path of ['conformance', '.github/workflows', ...files]) {
      expect(statSync(join(repository, path)), path).toMatchObject({ uid: 65_534, gid: 65_533 })
    }
  })

  test.each([
    [['no-such-directory'], 'no-such-directory: it is no directory'],
    [['../file'], '../file: it is no directory'],
    [['--runtime', ''], 'a name or a path'],
    [['--runtime', 'a b'], 'a name or a path'],
    [['--runtime', '--json'], 'a name or a path'],
    [['--runtime', "x'; y"], 'a name or a path'],
    [['--runtime', './$HOME'], 'a name or a path'],
    [['--runtime'], 'argument missing'],
    [['--workflow', 'gitlab'], 'Allowed choices are github, none'],
    [['one', 'two'], 'too many arguments'],
  ])('exits with 2 and says what is wrong with %j', async (args, words) => {
    writeFileSync(join(place, 'file'), '')
    const { exitCode, stdout, stderr } = await init(...args)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('    at ')
    expect(filesIn(repository)).toEqual([])
  })
})
