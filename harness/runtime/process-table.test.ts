import { describe, expect, test } from 'vitest'
import { parseProcessTable } from './process-table.ts'

describe('parseProcessTable', () => {
  test("splits runc's table, the last column with its blanks", () => {
    const table = [
      'UID        PID  PPID  C STIME TTY          TIME CMD',
      'root     18364     1  0 07:33 ?        00:00:00 sh -c  sleep  30',
      'root     18365 18364  0 07:33 ?        00:00:00 sleep 30',
      '',
    ].join('\n')
    expect(parseProcessTable(table)).toEqual({
      headers: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
      processes: [
        ['root', '18364', '1', '0', '07:33', '?', '00:00:00', 'sh -c  sleep  30'],
        ['root', '18365', '18364', '0', '07:33', '?', '00:00:00', 'sleep 30'],
      ],
    })
  })

  test('a table of one column, as crun prints it', () => {
    expect(parseProcessTable('PID\n12\n13\n')).toEqual({ headers: ['PID'], processes: [['12'], ['13']] })
  })

  test('leaves out the rows of threads', () => {
    expect(parseProcessTable('PID LWP CMD\n1 - a\n- 5 a\n').processes).toEqual([['1', '-', 'a']])
  })

  test('keeps all rows when there is no PID column', () => {
    expect(parseProcessTable('USER CMD\nroot -\nroot a b\n').processes).toEqual([
      ['root', '-'],
      ['root', 'a b'],
    ])
  })

  test('nothing printed is an empty table', () => {
    expect(parseProcessTable('')).toEqual({ headers: [], processes: [] })
  })
})
