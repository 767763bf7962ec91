import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listDownloads, makePackageRoot, placeDownload, readDownload, versionDirectory } from './downloads.ts'

const facts = { name: 'runc', version: '1.3.6+ds1-1', suite: 'sid' }
let place: string

beforeEach(() => {
  place = join(mkdtempSync(join(tmpdir(), 'downloads-')), 'runc')
})

afterEach(() => {
  rmSync(join(place, '..'), { recursive: true })
})

/** Fills a download with a program that holds the given text. */
function filling(text: string): (directory: string) => Promise<{ program: string }> {
  return async (directory) => {
    writeFileSync(join(await makePackageRoot(directory), 'runc'), text)
    return { program: 'root/runc' }
  }
}

describe('placeDownload', () => {
  test('gives the version a directory of its own, with its facts', async () => {
    const download = await placeDownload(place, facts, filling('one'))
    const directory = join(place, '1.3.6+ds1-1')
    expect(download).toEqual({
      ...facts,
      directory,
      root: join(directory, 'root'),
      program: join(directory, 'root/runc'),
    })
    expect(await readDownload(directory)).toEqual(download)
  })

  test('keeps versions side by side', async () => {
    await placeDownload(place, facts, filling('one'))
    await placeDownload(place, { ...facts, version: '1:1.1.5' }, filling('two'))
    expect((await listDownloads(place)).map(({ version }) => version).toSorted()).toEqual([
      '1.3.6+ds1-1',
      '1:1.1.5',
    ])
  })

  test('that fails leaves nothing', async () => {
    const failing = async (directory: string): Promise<never> => {
      writeFileSync(join(directory, 'half'), '')
      throw new Error('the line is dead')
    }
    await expect(placeDownload(place, facts, failing)).rejects.toThrow('the line is dead')
    expect(readdirSync(place)).toEqual([])
  })

  test('takes the place of one that is there', async () => {
    await placeDownload(place, facts, filling('one'))
    const again = await placeDownload(place, facts, filling('two'))
    expect(readFileSync(again.program ?? '', 'utf8')).toBe('two')
    expect(readdirSync(place)).toEqual(['1.3.6+ds1-1'])
  })

  test('removes what a killed process left a day ago, and only that', async () => {
    mkdirSync(join(place, '.partial-old'), { recursive: true, mode: 0o700 })
    mkdirSync(join(place, '.partial-new'))
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000)
    utimesSync(join(place, '.partial-old'), yesterday, yesterday)
    await placeDownload(place, facts, filling('one'))
    expect(readdirSync(place).toSorted()).toEqual(['.partial-new', '1.3.6+ds1-1'])
  })
})

describe('listDownloads', () => {
  test('of nothing is empty', async () => {
    expect(await listDownloads(place)).toEqual([])
  })

  test('passes over half-made and damaged ones', async () => {
    await placeDownload(place, facts, filling('one'))
    mkdirSync(join(place, 'no-record'))
    for (const [name, record] of Object.entries({
      cut: '{"name": "ru',
      number: '{"name":"a","version":1}',
      '1.0': '{"name":"a","version":"2.0"}',
    })) {
      mkdirSync(join(place, name))
      writeFileSync(join(place, name, 'download.json'), record)
    }
    expect((await listDownloads(place)).map(({ version }) => version)).toEqual(['1.3.6+ds1-1'])
  })
})

test('an epoch does not put a colon into a path', () => {
  expect(versionDirectory('/x', '1:2.0')).toBe('/x/1_2.0')
  expect(existsSync('/x')).toBe(false)
})
