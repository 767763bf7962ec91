import { expect, test } from 'vitest'
import { ConsoleTail } from './console-tail.ts'

test('lines that come in pieces are put together', () => {
  const tail = new ConsoleTail()
  for (const piece of ['Kernel pa', 'nic - not syn', 'cing\r\nRebooting', ' now']) tail.add(piece)
  expect(tail.lines).toEqual(['Kernel panic - not syncing', 'Rebooting now'])
})

test('of a console that never ends, a few lines are kept, and of a line without end a part', () => {
  const tail = new ConsoleTail()
  for (let line = 0; line < 10_000; line += 1) tail.add(`line ${line}\n`)
  for (let piece = 0; piece < 10_000; piece += 1) tail.add('x'.repeat(100))
  expect(tail.lines.length).toBeLessThan(30)
  expect(tail.lines).toContain('line 9999')
  expect(tail.lines).not.toContain('line 9000')
  expect(Math.max(...tail.lines.map(({ length }) => length))).toBeLessThan(1000)
})

test('a panic is told from its first words on, however long its call trace', () => {
  const tail = new ConsoleTail()
  tail.add('Started\nKernel panic - not syncing: no luck\n')
  for (let line = 0; line < 200; line += 1) tail.add(`  call ${line}\n`)
  expect(tail.lines.slice(0, 2)).toEqual(['Kernel panic - not syncing: no luck', '  call 0'])
  expect(tail.lines.length).toBeLessThan(30)
})

test('a panic because of a fault is told from the fault on, and that it is one', () => {
  const tail = new ConsoleTail()
  tail.add('Started\nBUG: unable to handle page fault for address: 0\nOops: 0000 [#1]\nRIP: 0010:somewhere\n')
  for (let line = 0; line < 100; line += 1) tail.add(`  call ${line}\n`)
  tail.add('Kernel panic - not syncing: Fatal exception in interrupt\nKernel Offset: 0\n')
  expect(tail.lines.slice(0, 3)).toEqual([
    'BUG: unable to handle page fault for address: 0',
    'Oops: 0000 [#1]',
    'RIP: 0010:somewhere',
  ])
  expect(tail.lines.at(-1)).toBe('Kernel panic - not syncing: Fatal exception in interrupt')
  expect(tail.lines.length).toBeLessThan(30)
})
