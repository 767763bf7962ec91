import { describe, expect, test } from 'vitest'
import { noPaint } from '../report/index.ts'
import { describeSetup } from './setup.ts'

const present = { name: 'busybox', status: 'present', path: '/bin/busybox' } as const
const width = Number.POSITIVE_INFINITY

describe('describeSetup', () => {
  test('says that nothing was done', () => {
    expect(describeSetup([present], noPaint, width)).toBe(
      'busybox  present  /bin/busybox\nEverything is there; nothing was done.',
    )
  })

  test('says what was done, and how', () => {
    const runc = {
      name: 'runc',
      status: 'downloaded',
      path: '/cache/runc',
      version: '1.3.6',
      by: 'package runc of sid',
    } as const
    expect(describeSetup([runc, present], noPaint, width)).toBe(
      'runc     downloaded  1.3.6  /cache/runc, by package runc of sid\nbusybox  present            /bin/busybox',
    )
  })

  test('says what could not be done', () => {
    const failed = { name: 'youki', status: 'failed', problem: 'there is no package of it' } as const
    expect(describeSetup([failed], noPaint, width)).toBe('youki  failed  there is no package of it')
  })
})
