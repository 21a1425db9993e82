// The service: profiles in memory. Plain functions that answer what came of it, and know of no wire.
import { isDeepStrictEqual } from 'node:util'
import { fail, ok } from '@tenon/endpoint'
import {
  AddressExists,
  AddressNotFound,
  InconsistentIds,
  ProfileChanged,
  ProfileExists,
  ProfileNotFound,
} from './contract.ts'
import type { Address, NewProfile, Patch, Profile, Replacement } from './profile.ts'

/** Profiles that live as long as the process. */
export function inMemory() {
  const kept = new Map<string, Profile>()
  // One count for all: a profile that is deleted and made again never has a version that it had before.
  let changes = 0

  /** The version under which just this is kept, if it is. */
  function versionOf(profile: NewProfile) {
    const before = kept.get(profile.id)
    const same = before !== undefined && isDeepStrictEqual({ ...profile, version: before.version }, before)
    return same ? before.version : undefined
  }

  /** Keeps a profile. What is kept already is not kept anew: a change that is repeated is one change. */
  function keep(profile: NewProfile) {
    const version = versionOf(profile) ?? ++changes
    kept.set(profile.id, { ...profile, version })
    return ok({ version })
  }

  /** {@link keep}, in the place of this version only; where none is said, of any. */
  function replace(profile: NewProfile, version: number | undefined) {
    const current = kept.get(profile.id)?.version ?? null
    // One that finds things as it wants them is repeated, its first answer lost; that is no conflict.
    const may = version === undefined || version === current || versionOf(profile) !== undefined
    return may ? keep(profile) : fail(ProfileChanged({ id: profile.id, current }))
  }

  function find(id: string) {
    const profile = kept.get(id)
    return profile === undefined ? fail(ProfileNotFound({ id })) : ok(profile)
  }

  return {
    find,

    /** Makes a profile; never overwrites one. */
    post: (profile: NewProfile) => (kept.has(profile.id) ? fail(ProfileExists({ id: profile.id })) : keep(profile)),

    /** Makes a profile or replaces it, with everything in it. */
    put: (id: string, { version, ...profile }: Replacement) =>
      profile.id === id ? replace(profile, version) : fail(InconsistentIds({ path: id, body: profile.id })),

    /** Changes what the patch speaks of; never makes a profile. */
    patch(id: string, { id: body = id, version, ...patch }: Patch) {
      if (body !== id) return fail(InconsistentIds({ path: id, body }))
      const found = find(id)
      if (found._tag === 'Left') return found
      const { version: _, ...before } = found.right
      const merged = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== null)
      return replace(Object.fromEntries(merged) as NewProfile, version)
    },

    delete(id: string, version: number | undefined) {
      const found = find(id)
      if (found._tag === 'Left') return found
      const { version: current } = found.right
      if (version !== undefined && version !== current) return fail(ProfileChanged({ id, current }))
      kept.delete(id)
      return ok({})
    },

    address(id: string, addressId: string) {
      const found = find(id)
      if (found._tag === 'Left') return found
      const address = found.right.addresses?.find((one) => one.id === addressId)
      return address === undefined ? fail(AddressNotFound({ id, addressId })) : ok(address)
    },

    postAddress(id: string, address: Address) {
      const found = find(id)
      if (found._tag === 'Left') return found
      const { version: _, addresses = [], ...profile } = found.right
      if (addresses.some((one) => one.id === address.id)) return fail(AddressExists({ id, addressId: address.id }))
      return keep({ ...profile, addresses: [...addresses, address] })
    },

    deleteAddress(id: string, addressId: string) {
      const found = find(id)
      if (found._tag === 'Left') return found
      const { version: _, addresses = [], ...profile } = found.right
      const others = addresses.filter((one) => one.id !== addressId)
      if (others.length === addresses.length) return fail(AddressNotFound({ id, addressId }))
      return keep({ ...profile, addresses: others })
    },
  }
}
