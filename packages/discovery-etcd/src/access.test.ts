// Who may ask: users and passwords of a real etcd.
import { etcdServer, type RegistryServer } from '@tenon/example-registries'
import { Etcd3, Range } from 'etcd3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isThere, quiet, sharedEtcd } from '../test/etcd-server.ts'
import { watched } from '../test/watched.ts'

describe.runIf(isThere)('an etcd with authentication', () => {
  let server: RegistryServer | undefined
  const url = (): string => (server as RegistryServer).url

  beforeAll(async () => {
    server = await etcdServer()
    const raw = new Etcd3({ hosts: url() })
    await raw.put('/services/orders/a').value('10.0.0.1:80')
    await raw.role('root').create()
    await raw.user('root').create('toor')
    await raw.user('root').addRole('root')
    await raw.role('reader').create()
    await raw.role('reader').grant({ permission: 'Read', range: Range.prefix('/services/orders/') })
    await raw.user('me').create('secret')
    await raw.user('me').addRole('reader')
    await raw.auth.authEnable()
    raw.close()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it.each([
    ['nobody', undefined, 'unauthenticated', 'etcd wants to know who asks: give auth: { user, password }'],
    [
      'a wrong password',
      { user: 'me', password: 'x' },
      'unauthenticated',
      'does not know this user, or not with this password',
    ],
    ['a user who is not there', { user: 'you', password: 'x' }, 'unauthenticated', 'does not know this user'],
  ])('given %s, then the error says what to give', async (_, auth, code, message) => {
    await using registry = quiet({ endpoints: url(), auth })
    using orders = watched(registry.instancer('orders'))
    expect(await orders.fails()).toMatchObject({ code, message: expect.stringContaining(message) })
  })

  it('given a user who may read one service, then that is watched, also after etcd has forgotten who asks', async () => {
    await using registry = quiet({ endpoints: url(), auth: { user: 'me', password: 'secret' } })
    using orders = watched(registry.instancer('orders'))
    using other = watched(registry.instancer('other'))
    await orders.becomes(['10.0.0.1:80'])
    expect(await other.fails()).toMatchObject({
      code: 'permission_denied',
      message: expect.stringContaining('the role of this user does not grant that'),
    })
    await server?.restart()
    await orders.becomes(['10.0.0.1:80'])
  })
})

describe.runIf(isThere)('an etcd that is given a user it does not want', () => {
  const server = sharedEtcd()

  it('when it is asked, then the error says to leave that out', async () => {
    await using registry = quiet({ endpoints: server.url, auth: { user: 'me', password: 'secret' } })
    using orders = watched(registry.instancer('orders'))
    expect(await orders.fails()).toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('etcd runs without authentication: leave auth out'),
    })
  })
})
