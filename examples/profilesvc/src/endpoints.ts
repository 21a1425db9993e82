// The endpoints: the service's functions as the methods of its contract.
import { handler } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { Profiles } from './contract.ts'
import type { inMemory } from './service.ts'

const { methods } = Profiles

export const endpoints = (service: ReturnType<typeof inMemory>) => ({
  postProfile: handler(methods.postProfile, (profile) => service.post(profile)),
  getProfile: handler(methods.getProfile, ({ id }) => {
    const profile = service.find(id)
    return profile._tag === 'Left' ? profile : ok({ profile: profile.right })
  }),
  putProfile: handler(methods.putProfile, ({ id, profile }) => service.put(id, profile)),
  patchProfile: handler(methods.patchProfile, ({ id, patch }) => service.patch(id, patch)),
  deleteProfile: handler(methods.deleteProfile, ({ id, version }) => service.delete(id, version)),
  getAddresses: handler(methods.getAddresses, ({ id }) => {
    const profile = service.find(id)
    return profile._tag === 'Left' ? profile : ok({ addresses: profile.right.addresses ?? [] })
  }),
  getAddress: handler(methods.getAddress, ({ id, addressId }) => {
    const address = service.address(id, addressId)
    return address._tag === 'Left' ? address : ok({ address: address.right })
  }),
  postAddress: handler(methods.postAddress, ({ id, address }) => service.postAddress(id, address)),
  deleteAddress: handler(methods.deleteAddress, ({ id, addressId }) => service.deleteAddress(id, addressId)),
})
