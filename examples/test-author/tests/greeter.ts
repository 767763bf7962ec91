import { fileURLToPath } from 'node:url'
import { type Container, createBusyboxBundle } from 'runwright'
import { addBindMount, combine, type Edit, withEnv } from 'runwright/spec'
import { test as base } from 'runwright/vitest'

/** What a container runs to greet. */
export const greeting = ['sh', '/greeter.sh']

/** Puts the program into a container, where it cannot be changed, and tells it whom to greet. */
export function greeter(name: string): Edit {
  const program = fileURLToPath(new URL('../greeter.sh', import.meta.url))
  return combine(addBindMount(program, '/greeter.sh', 'ro'), withEnv({ NAME: name }))
}

/** Runwright's `test` with a fixture of our own: a container in which the greeter runs. */
export const test = base.extend(
  'greet',
  ({ createContainer }) =>
    async (name: string): Promise<Container> => {
      const container = await createContainer(
        await createBusyboxBundle(`greeter-${name}`, greeting, greeter(name)),
      )
      await container.start()
      return container
    },
)
