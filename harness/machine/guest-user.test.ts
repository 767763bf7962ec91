import { expect, test } from 'vitest'
import { findUser, loginScript } from './guest-user.ts'

test('a user is looked up by name or by id', async () => {
  const root = { name: 'root', uid: 0, gid: 0, home: '/root' }
  expect(await findUser('root')).toEqual(root)
  expect(await findUser('0')).toEqual(root)
})

test.each(['nosuchuser', '--help', 'a:b'])('%j is told to be no user of this host', async (name) => {
  await expect(findUser(name)).rejects.toMatchObject({
    code: 'NO_VIRTUAL_MACHINE',
    message: expect.stringContaining(`'${name}'`),
  })
})

test("what is the user's own is given to them by number, as a name could be anything", () => {
  const script = loginScript({ name: '$(reboot)', uid: 1000, gid: 100, home: '/' }, '/bin/busybox', ['/own'])
  expect(script).toContain('for directory in /run/user/1000 /own;')
  expect(script).toContain('chown -hR 1000:100')
  expect(script).not.toContain('reboot')
})
