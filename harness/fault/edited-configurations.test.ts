import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EditedConfigurations } from './edited-configurations.ts'

let bundle: string
let configurations: EditedConfigurations

beforeEach(() => {
  bundle = mkdtempSync(join(tmpdir(), 'edited-'))
  configurations = new EditedConfigurations()
  write('own')
})

afterEach(() => {
  rmSync(bundle, { recursive: true })
})

function write(text: string): void {
  writeFileSync(join(bundle, 'config.json'), text, { mode: 0o640 })
}

function read(): string {
  return readFileSync(join(bundle, 'config.json'), 'utf8')
}

const marked = (text: string) => `${text}!`

test('a bundle is given the edited configuration, with the mode of its own and no file beside', () => {
  expect(configurations.edit(bundle, [marked, marked])).toEqual({ text: 'own!!', isChanged: true })
  expect(read()).toBe('own!!')
  expect(statSync(join(bundle, 'config.json')).mode & 0o777).toBe(0o640)
  expect(readdirSync(bundle)).toEqual(['config.json'])
})

test('what was edited is not edited again', () => {
  configurations.edit(bundle, [marked])
  configurations.edit(bundle, [marked])
  expect(read()).toBe('own!')
})

test('a command without edits gets the bundle as its owner wrote it', () => {
  configurations.edit(bundle, [marked])
  expect(configurations.edit(bundle, [])).toEqual({ text: 'own', isChanged: false })
  expect(read()).toBe('own')
})

test('what the owner writes later is edited in its turn', () => {
  configurations.edit(bundle, [marked])
  write('new')
  configurations.edit(bundle, [marked])
  expect(read()).toBe('new!')
})

test('in the end the owner has his own again', () => {
  configurations.edit(bundle, [marked])
  configurations.restore()
  expect(read()).toBe('own')
})

test('in the end what the owner has written since stays', () => {
  configurations.edit(bundle, [marked])
  write('new')
  configurations.restore()
  expect(read()).toBe('new')
})

test('a bundle without a configuration is none of its business', () => {
  expect(configurations.edit(join(bundle, 'nowhere'), [marked])).toBeUndefined()
})
