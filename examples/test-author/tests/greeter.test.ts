import { type Container, until } from 'runwright'
import { expect } from 'runwright/vitest'
import { test } from './greeter.ts'

test('greets by name, and goes on', async ({ greet }) => {
  const container = await greet('Ada')
  await untilSaid(container, 'Hello, Ada.\n')
  await expect(container).toBeRunning()
})

test('takes its leave on SIGTERM', async ({ greet }) => {
  const container = await greet('Grace')
  await untilSaid(container, 'Hello, Grace.\n')
  await container.kill('SIGTERM')
  const result = await container.wait()
  expect(result).toHaveExited(3)
  expect(result).toHavePrinted('Hello, Grace.\nGood-bye, Grace.\n')
})

test('ends at once on SIGKILL', async ({ greet }) => {
  const container = await greet('Alan')
  await container.kill('SIGKILL')
  expect(await container.wait()).toHaveBeenKilledBy('SIGKILL')
})

/** Waits for what a container owes, and not for a time. */
async function untilSaid(container: Container, words: string): Promise<void> {
  const said = async () => (await container.init.stdout()) === words
  await until(said, { timeoutMs: 10_000, what: `the container to say ${words}` })
}
