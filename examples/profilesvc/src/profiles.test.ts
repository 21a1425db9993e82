// The service through its own client, as Go kit's client package is used: over HTTP, found through discovery.
import { openapi } from '@tenon/contract'
import { fixed } from '@tenon/discovery'
import { call, fail, ok } from '@tenon/endpoint'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { profilesClient } from './client.ts'
import {
  AddressExists,
  AddressNotFound,
  InconsistentIds,
  ProfileChanged,
  ProfileExists,
  ProfileNotFound,
  Profiles,
} from './contract.ts'
import { serve } from './server.ts'

/** A service of its own, and its client. */
async function started() {
  const log: string[] = []
  const server = await serve({ port: 0, log: (line) => void log.push(line) })
  const client = profilesClient(fixed([server.url]))
  return {
    server,
    client,
    log,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const ada = { id: '1234', name: 'Ada', addresses: [{ id: 'home', location: 'Mortise Lane 3' }] }

describe('POST', () => {
  it('makes a profile, and never overwrites one', async () => {
    await using one = await started()
    const { postProfile, getProfile } = one.client
    expect(await call(postProfile, ada)).toEqual(ok({ version: 1 }))
    expect(await call(getProfile, { id: '1234' })).toEqual(ok({ profile: { ...ada, version: 1 } }))
    expect(await call(postProfile, { id: '1234', name: 'Eve' })).toEqual(fail(ProfileExists({ id: '1234' })))
    expect(await call(getProfile, { id: '1234' })).toEqual(ok({ profile: { ...ada, version: 1 } }))
  })
})

describe('PUT', () => {
  it('makes a profile where there is none, and replaces all of the one that is there', async () => {
    await using one = await started()
    const { putProfile, getProfile } = one.client
    expect(await call(putProfile, { id: '1234', profile: ada })).toEqual(ok({ version: 1 }))
    expect(await call(putProfile, { id: '1234', profile: { id: '1234' } })).toEqual(ok({ version: 2 }))
    expect(await call(getProfile, { id: '1234' })).toEqual(ok({ profile: { id: '1234', version: 2 } }))
  })

  it('given an id in the body that is not that of the path, then InconsistentIds, and nothing is changed', async () => {
    await using one = await started()
    const { putProfile, getProfile } = one.client
    expect(await call(putProfile, { id: '1', profile: { id: '2' } })).toEqual(
      fail(InconsistentIds({ path: '1', body: '2' })),
    )
    for (const id of ['1', '2']) expect(await call(getProfile, { id })).toEqual(fail(ProfileNotFound({ id })))
  })

  it('repeated, it is one change', async () => {
    await using one = await started()
    const { putProfile } = one.client
    for (let n = 0; n < 3; n++) expect(await call(putProfile, { id: '1234', profile: ada })).toEqual(ok({ version: 1 }))
  })
})

describe('PATCH', () => {
  it('changes what it speaks of: what is left out stays, null takes away, a list is replaced as a whole', async () => {
    await using one = await started()
    const { postProfile, patchProfile, getProfile } = one.client
    await call(postProfile, ada)
    const patched = async (patch: Parameters<typeof patchProfile>[0]['patch']) => {
      await call(patchProfile, { id: '1234', patch })
      return call(getProfile, { id: '1234' })
    }
    const { addresses } = ada
    expect(await patched({ name: '' })).toEqual(ok({ profile: { id: '1234', version: 2, name: '', addresses } }))
    expect(await patched({ name: null })).toEqual(ok({ profile: { id: '1234', version: 3, addresses } }))
    expect(await patched({ addresses: [{ id: 'work' }] })).toEqual(
      ok({ profile: { id: '1234', version: 4, addresses: [{ id: 'work' }] } }),
    )
    expect(await patched({ id: '1234', addresses: null })).toEqual(ok({ profile: { id: '1234', version: 5 } }))
    expect(await patched({})).toEqual(ok({ profile: { id: '1234', version: 5 } }))
  })

  it('given a profile that is not there, then it is not found and not made; another id in the body is inconsistent', async () => {
    await using one = await started()
    const { patchProfile, getProfile } = one.client
    expect(await call(patchProfile, { id: '7', patch: { name: 'x' } })).toEqual(fail(ProfileNotFound({ id: '7' })))
    expect(await call(getProfile, { id: '7' })).toEqual(fail(ProfileNotFound({ id: '7' })))
    expect(await call(patchProfile, { id: '7', patch: { id: '8' } })).toEqual(
      fail(InconsistentIds({ path: '7', body: '8' })),
    )
  })

  it('any patch, made twice, is the same as made once', async () => {
    await using one = await started()
    const { putProfile, patchProfile, getProfile } = one.client
    const name = fc.string()
    const addresses = fc.uniqueArray(fc.record({ id: fc.stringMatching(/^[a-z]{1,3}$/) }), { selector: ({ id }) => id })
    const maybe = { requiredKeys: [] }
    await fc.assert(
      fc.asyncProperty(
        fc.record({ name, addresses }, maybe),
        fc.record({ name: fc.option(name), addresses: fc.option(addresses) }, maybe),
        async (before, patch) => {
          await call(putProfile, { id: '1', profile: { id: '1', ...before } })
          const first = await call(patchProfile, { id: '1', patch })
          const once = await call(getProfile, { id: '1' })
          expect(await call(patchProfile, { id: '1', patch })).toEqual(first)
          expect(await call(getProfile, { id: '1' })).toEqual(once)
          const merged = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null)
          expect(once).toMatchObject({ right: { profile: { id: '1', ...Object.fromEntries(merged) } } })
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('a version', () => {
  it('given one that is not the last, then PUT, PATCH and DELETE say which is, and change nothing', async () => {
    await using one = await started()
    const { postProfile, putProfile, patchProfile, deleteProfile, getProfile } = one.client
    await call(postProfile, ada)
    await call(patchProfile, { id: '1234', patch: { name: 'Grace' } })
    const changed = fail(ProfileChanged({ id: '1234', current: 2 }))
    expect(await call(putProfile, { id: '1234', profile: { ...ada, name: 'Eve', version: 1 } })).toEqual(changed)
    expect(await call(patchProfile, { id: '1234', patch: { name: 'Eve', version: 1 } })).toEqual(changed)
    expect(await call(deleteProfile, { id: '1234', version: 1 })).toEqual(changed)
    expect(await call(getProfile, { id: '1234' })).toEqual(ok({ profile: { ...ada, name: 'Grace', version: 2 } }))
    expect(await call(deleteProfile, { id: '1234', version: 2 })).toEqual(ok({}))
    expect(await call(putProfile, { id: '1234', profile: { ...ada, version: 2 } })).toEqual(
      fail(ProfileChanged({ id: '1234', current: null })),
    )
  })

  it('given two who read, change and write back, then one of them is told', async () => {
    await using one = await started()
    const { postProfile, putProfile, getProfile } = one.client
    await call(postProfile, ada)
    const edit = async (name: string) => {
      const read = await call(getProfile, { id: '1234' })
      if (read._tag === 'Left') throw new Error(read.left.message)
      return call(putProfile, { id: '1234', profile: { ...read.right.profile, name } })
    }
    const tags = (await Promise.all([edit('Grace'), edit('Mary')])).map((result) => result._tag)
    expect(tags.sort()).toEqual(['Left', 'Right'])
  })

  it('given a change that is made again because its answer was lost, then it is no conflict', async () => {
    await using one = await started()
    const { postProfile, putProfile, patchProfile } = one.client
    await call(postProfile, ada)
    const put = { id: '1234', profile: { ...ada, name: 'Grace', version: 1 } }
    expect(await call(putProfile, put)).toEqual(ok({ version: 2 }))
    expect(await call(putProfile, put)).toEqual(ok({ version: 2 }))
    const patch = { id: '1234', patch: { name: 'Mary', version: 2 } }
    expect(await call(patchProfile, patch)).toEqual(ok({ version: 3 }))
    expect(await call(patchProfile, patch)).toEqual(ok({ version: 3 }))
  })

  it('given a profile that is deleted and made again, then no version of before fits', async () => {
    await using one = await started()
    const { postProfile, deleteProfile, patchProfile } = one.client
    await call(postProfile, ada)
    await call(deleteProfile, { id: '1234' })
    expect(await call(postProfile, ada)).toEqual(ok({ version: 2 }))
    expect(await call(patchProfile, { id: '1234', patch: { name: 'Eve', version: 1 } })).toEqual(
      fail(ProfileChanged({ id: '1234', current: 2 })),
    )
  })
})

describe('addresses', () => {
  it('are made, read, listed and deleted below their profile', async () => {
    await using one = await started()
    const { postProfile, postAddress, getAddress, getAddresses, deleteAddress, getProfile } = one.client
    await call(postProfile, { id: '1234' })
    expect(await call(getAddresses, { id: '1234' })).toEqual(ok({ addresses: [] }))
    const [home] = ada.addresses
    const work = { id: 'work' }
    expect(await call(postAddress, { id: '1234', address: { ...home, id: 'home' } })).toEqual(ok({ version: 2 }))
    expect(await call(postAddress, { id: '1234', address: work })).toEqual(ok({ version: 3 }))
    expect(await call(getAddress, { id: '1234', addressId: 'home' })).toEqual(ok({ address: home }))
    expect(await call(getAddresses, { id: '1234' })).toEqual(ok({ addresses: [home, work] }))
    expect(await call(deleteAddress, { id: '1234', addressId: 'home' })).toEqual(ok({ version: 4 }))
    expect(await call(getProfile, { id: '1234' })).toEqual(
      ok({ profile: { id: '1234', version: 4, addresses: [work] } }),
    )
  })

  it('given a profile or an address that is not there, then it says which; one that is there is not overwritten', async () => {
    await using one = await started()
    const { postProfile, postAddress, getAddress, getAddresses, deleteAddress } = one.client
    await call(postProfile, ada)
    const nobody = fail(ProfileNotFound({ id: '7' }))
    expect(await call(getAddresses, { id: '7' })).toEqual(nobody)
    expect(await call(getAddress, { id: '7', addressId: 'home' })).toEqual(nobody)
    expect(await call(postAddress, { id: '7', address: { id: 'home' } })).toEqual(nobody)
    expect(await call(deleteAddress, { id: '7', addressId: 'home' })).toEqual(nobody)
    const nowhere = fail(AddressNotFound({ id: '1234', addressId: 'work' }))
    expect(await call(getAddress, { id: '1234', addressId: 'work' })).toEqual(nowhere)
    expect(await call(deleteAddress, { id: '1234', addressId: 'work' })).toEqual(nowhere)
    expect(await call(postAddress, { id: '1234', address: { id: 'home' } })).toEqual(
      fail(AddressExists({ id: '1234', addressId: 'home' })),
    )
  })
})

describe('what is wrong with an input', () => {
  it('is told by field, before anything is done', async () => {
    await using one = await started()
    const send = async (verb: string, path: string, body: unknown) => {
      const response = await fetch(one.server.url + path, {
        method: verb,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
      const { detail } = (await response.json()) as { readonly detail: string }
      return [response.status, detail]
    }
    const twice = [{ id: 'home' }, { id: 'home' }]
    for (const id of ['.', '\ud800'])
      expect(await send('POST', '/profiles/', { id })).toEqual([400, 'id: expected Id, got another string'])
    expect(await send('POST', '/profiles/', { id: '', Name: 'x' })).toEqual([
      400,
      'id: expected Id, got another string (and 1 more)',
    ])
    expect(await send('POST', '/profiles/', { id: '1', addresses: twice })).toEqual([
      400,
      'addresses: expected AddressesOfDifferentIds, got another array',
    ])
    expect(await send('POST', '/profiles/', { id: '1', version: 1 })).toEqual([400, 'version: no such field'])
    expect(await send('PUT', '/profiles/1', { name: 'x' })).toEqual([
      400,
      'profile.id (body id): expected Id, but it is missing',
    ])
    expect(await send('PATCH', '/profiles/1', { addresses: twice, version: 0 })).toEqual([
      400,
      'patch.version (body version): expected Version, got another number (and 1 more)',
    ])
    expect(await send('POST', '/profiles/1/addresses/', { location: 7 })).toEqual([
      400,
      'address.id (body id): expected Id, but it is missing (and 1 more)',
    ])
    expect(await send('DELETE', '/profiles/1?version=x', undefined)).toEqual([
      400,
      'version (query): expected Version, got string',
    ])
    expect(one.log).toEqual([])
  })
})

describe('what is seen of it', () => {
  it('its document says all there is to know', () => {
    expect(openapi([Profiles]).warnings).toEqual([])
  })

  it('a line for each call, without what profiles hold; calls by method and code', async () => {
    await using one = await started()
    const { postProfile, getProfile } = one.client
    await call(postProfile, ada)
    await call(getProfile, { id: '7' })
    expect(one.log.map((line) => JSON.parse(line))).toEqual([
      { method: 'postProfile', id: '1234', result: 'ok', took: expect.any(Number) },
      { method: 'getProfile', id: '7', result: 'ProfileNotFound', took: expect.any(Number) },
    ])
    const page = await (await fetch(`${one.server.url}/metrics`)).text()
    expect(page).toContain(
      'tenon_server_calls_total{contract="profiles.v1.Profiles",method="getProfile",code="not_found"} 1\n',
    )
  })
})
