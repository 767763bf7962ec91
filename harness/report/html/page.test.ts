import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findProgram } from '../../host/index.ts'
import type { Requirement } from '../../suite/index.ts'
import { failedWith, mixedResults, reportWith, requirementWith, resultsOf } from '../report.fixture.ts'
import { htmlReport } from './page.ts'

const program = findProgram('chromium')
const catalogue = new Map(
  [
    requirementWith(),
    requirementWith({ id: 'state-reports', level: 'SHOULD', area: 'state', statement: 'State reports.' }),
  ].map((requirement): [string, Requirement] => [requirement.id, requirement]),
)
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

let scratch: string
let browser: BrowserContext
let page: Page
/** What the page asked the network for, and what went wrong in it. */
let requests: string[] = []
let errors: string[] = []

describe.skipIf(program === undefined)('the page, in a browser', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'runwright-page-'))
    browser = await chromium.launchPersistentContext(join(scratch, 'profile'), {
      executablePath: program ?? '',
      headless: true,
      args: flags,
    })
  }, 60_000)

  beforeEach(async () => {
    page = await browser.newPage()
    requests = []
    errors = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
  })

  afterEach(async () => {
    await page.close()
    expect(errors).toEqual([])
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([])
  })

  afterAll(async () => {
    await browser.close()
    await rm(scratch, { recursive: true })
  })

  /** Opens the page of some results at a place in it. */
  async function show(results: Parameters<typeof htmlReport>[0], hash = ''): Promise<void> {
    const file = join(scratch, 'report.html')
    await writeFile(file, htmlReport(results, catalogue))
    // The same address with another '#' would not be loaded again.
    await page.goto('about:blank')
    await page.goto(`${pathToFileURL(file).href}${hash}`)
  }

  const shownLines = () => page.locator('.line:visible .title').allTextContents()

  test('shows requirements by runtime, and tests, each most urgent first', async () => {
    await show(mixedResults())
    expect(await shownLines()).toEqual(['Kill delivers exactly the asked signal.'])
    expect(await page.locator('.line .outcome').first().textContent()).toBe('violated')
    await page.getByRole('button', { name: 'tests' }).click()
    expect((await shownLines()).map((title) => title.split(' <')[0])).toEqual([
      'explains',
      'fails',
      'breaks',
      'deviates',
      'mended',
      'skips',
      'kill delivers',
    ])
  })

  test('shows tests first where none judges a requirement, as tests of your own may not', async () => {
    await show(resultsOf([reportWith({ covers: [] }), failedWith({ id: 'own/b', title: 'b', covers: [] })]))
    expect(await shownLines()).toEqual(['b', 'kill delivers'])
    await page.getByRole('button', { name: 'requirements' }).click()
    expect(await shownLines()).toEqual(['Kill delivers exactly the asked signal.'])
    await page.reload()
    expect(await shownLines()).toEqual(['Kill delivers exactly the asked signal.'])
  })

  test('filters by outcome, level, area and text, and says how many are left', async () => {
    await show(
      resultsOf(
        [
          reportWith({ id: 'kill/a', title: 'a' }),
          failedWith({ id: 'kill/b', title: 'b', covers: [] }),
          reportWith({ id: 'state/c', suite: 'state', title: 'c', covers: ['state-reports'] }),
        ],
        { catalogue },
      ),
      '#view=tests',
    )
    await page.getByLabel('outcome').selectOption('fail')
    expect(await shownLines()).toEqual(['b'])
    await page.getByLabel('outcome').selectOption('')
    await page.getByLabel('level').selectOption('SHOULD')
    expect(await shownLines()).toEqual(['c'])
    await page.getByLabel('level').selectOption('')
    await page.getByLabel('area').selectOption('lifecycle')
    expect(await shownLines()).toEqual(['a'])
    await page.getByLabel('area').selectOption('')
    await page.keyboard.press('/')
    await page.keyboard.type('EXPECTED exit')
    expect(await shownLines()).toEqual(['b'])
    expect(await page.locator('nav output').textContent()).toBe('1 shown')
    await page.reload()
    expect(await shownLines()).toEqual(['b'])
    await page.keyboard.press('/')
    await page.keyboard.type('no such text')
    expect(await page.getByText('Nothing matches').isVisible()).toBe(true)
  })

  test('unfolds a test into evidence and the way to see it again, by keyboard', async () => {
    await show(mixedResults(), '#view=tests')
    await page.locator('summary').first().focus()
    for (const key of ['j', 'j', 'ArrowDown', 'k', 'ArrowUp']) await page.keyboard.press(key)
    await page.keyboard.press('Enter')
    const detail = page.locator('.line[open] .detail')
    expect(await detail.locator('pre.expected').textContent()).toBe('0')
    expect(await detail.textContent()).toContain('runwright run kill/fails --runtime runc --keep')
    expect(await detail.locator('.command').textContent()).toBe("/usr/bin/runc kill 'a b' 15 exit 1")
    expect(await detail.textContent()).toContain('Kill delivers exactly the asked signal.')
    expect(new URL(page.url()).hash).toBe('#view=tests&open=kill%2Ffails')
  })

  test('links lead to one test or requirement, whatever is filtered', async () => {
    await show(mixedResults(), '#view=tests&outcome=pass&open=kill%2Fexplains')
    const open = page.locator('.line[open]')
    expect(await open.getAttribute('data-id')).toBe('kill/explains')
    expect(await open.locator('.detail').isVisible()).toBe(true)
    await open.getByRole('link', { name: 'Kill delivers' }).click()
    expect(await page.locator('.line[open]:visible').getAttribute('data-id')).toBe('kill-sends-signal')
    expect(await page.locator('.line[open]:visible .detail').textContent()).toContain('explains')
    await page.goBack()
    expect(await page.locator('.line[open]:visible').getAttribute('data-id')).toBe('kill/explains')
  })

  test('takes no text for markup, whoever wrote it', async () => {
    await show(mixedResults(), '#view=tests&open=kill%2Fexplains')
    expect(await page.title()).toBe('red: runc 1.1.5 · Runwright')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('.line[open] pre').first().textContent()).toContain(
      '</script><img src=x onerror=',
    )
  })

  test('may load nothing and run no other script', async () => {
    await show(mixedResults())
    const loaded = page.evaluate(async () => await fetch('https://example.org/').then(() => 'loaded', String))
    expect(await loaded).toContain('TypeError')
    await page.evaluate(
      "document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = \"owned\"' }))",
    )
    expect(await page.title()).not.toBe('owned')
    errors = errors.filter((text) => !/Content Security Policy|Failed to load/.test(text))
    requests = requests.filter((url) => url !== 'https://example.org/')
  })

  test('shows where the time went', async () => {
    await show(mixedResults(), '#view=time')
    expect(await page.locator('svg').count()).toBe(2)
    expect(await page.locator('svg').first().locator('text').allTextContents()).toEqual([
      'kill',
      '600 ms',
      'state',
      '100 ms',
    ])
    await page.locator('svg a').first().click()
    expect(await page.locator('nav output').textContent()).toBe('6 shown')
  })

  test('follows the scheme of colours, and fits a narrow window', async () => {
    await show(mixedResults())
    const ground = async () =>
      await page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await ground()
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await ground()).not.toBe(light)
    await page.setViewportSize({ width: 360, height: 640 })
    await page.getByRole('button', { name: 'tests' }).click()
    await page.locator('summary').nth(1).click()
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBeLessThanOrEqual(0)
  })

  test('holds 5,000 lines, of which the browser lays out those near the window', async () => {
    const tests = Array.from({ length: 5_000 }, (_, number) =>
      reportWith({
        id: `kill/t-${number}`,
        title: `test number ${number}`,
        outcome: number === 4_711 ? 'fail' : 'pass',
      }),
    )
    await show(resultsOf(tests), '#view=tests')
    expect(await page.locator('.line').count()).toBe(5_000)
    expect(await page.locator('.line .title').first().textContent()).toBe('test number 4711')
    const laidOut = await page
      .locator('.line')
      .evaluateAll(
        (lines) =>
          lines.filter((line) =>
            line.firstElementChild?.firstElementChild?.checkVisibility({ contentVisibilityAuto: true }),
          ).length,
      )
    expect(laidOut).toBeGreaterThan(5)
    expect(laidOut).toBeLessThan(500)
    await page.keyboard.press('/')
    await page.keyboard.type('number 49')
    expect(await page.locator('nav output').textContent()).toBe(
      `${tests.filter(({ id }) => id.includes('49')).length} shown`,
    )
  })
})

test('the page is one file that says what it may load', () => {
  const text = htmlReport(mixedResults(), catalogue)
  expect(text).toMatch(/default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/)
  expect(text.match(/<\/script>/g)).toHaveLength(2)
  expect(text).not.toMatch(/[\u2028\u2029]/)
})
