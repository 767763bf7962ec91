import { expect, test } from 'vitest'
import { withoutForeignSignalHandlers } from './foreign-signal-handlers.ts'

test('a handler that is put up meanwhile is gone before a signal could reach it, others stay', async () => {
  let heard = ''
  const own = () => {
    heard += 'own '
  }
  const foreign = () => {
    heard += 'foreign '
  }
  process.on('SIGTERM', own)
  try {
    await withoutForeignSignalHandlers(async () => {
      process.on('SIGTERM', foreign)
      process.once('SIGTERM', foreign)
      process.kill(process.pid, 'SIGTERM')
      await new Promise((resolve) => setTimeout(resolve, 20))
    })
    process.emit('SIGTERM', 'SIGTERM')
    expect(heard).toBe('own own ')
    expect(process.listeners('SIGTERM')).toContain(own)
    expect(process.listeners('SIGTERM')).not.toContain(foreign)
    process.on('SIGTERM', foreign)
    expect(process.listeners('SIGTERM')).toContain(foreign)
  } finally {
    process.off('SIGTERM', own)
    process.off('SIGTERM', foreign)
  }
})
