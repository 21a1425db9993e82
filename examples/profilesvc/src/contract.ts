// The contract: nine methods, what each may fail with, and where its fields travel. Server, client and document come of it.
import { contract, failure, unary } from '@tenon/contract'
import * as t from 'io-ts'
import { Address, Id, NewProfile, Patch, Profile, Replacement, Version } from './profile.ts'

/** There is no such profile. */
export const ProfileNotFound = failure('ProfileNotFound', 'not_found', t.strict({ id: Id }))
/** There is a profile of this id already. */
export const ProfileExists = failure('ProfileExists', 'already_exists', t.strict({ id: Id }))
/** The profile has no such address. */
export const AddressNotFound = failure('AddressNotFound', 'not_found', t.strict({ id: Id, addressId: Id }))
/** The profile has an address of this id already. */
export const AddressExists = failure('AddressExists', 'already_exists', t.strict({ id: Id, addressId: Id }))
/** The path speaks of one profile and the body of another. */
export const InconsistentIds = failure('InconsistentIds', 'invalid_argument', t.strict({ path: Id, body: Id }))
/** The profile is not of the version that was asked for: it is of the `current` one, or gone (`null`). */
export const ProfileChanged = failure(
  'ProfileChanged',
  'aborted',
  t.strict({ id: Id, current: t.union([Version, t.null]) }),
)

const OfProfile = t.strict({ id: Id })
const OfAddress = t.strict({ id: Id, addressId: Id })
const Changed = t.strict({ version: Version })
const Nothing = t.strict({})

export const Profiles = contract('profiles.v1.Profiles', {
  postProfile: unary({
    input: NewProfile,
    output: Changed,
    failures: [ProfileExists],
    http: 'POST /profiles/',
    description: 'Makes a profile.',
  }),
  getProfile: unary({
    input: OfProfile,
    output: t.strict({ profile: Profile }),
    failures: [ProfileNotFound],
    idempotent: true,
    http: 'GET /profiles/{id}',
  }),
  putProfile: unary({
    // The profile alone is the body, so that its id and that of the path can be compared. With the id in one place only
    // (`http: 'PUT /profiles/{id}'` and no `body`), what the body says of it would not be looked at.
    input: t.strict({ id: Id, profile: Replacement }),
    output: Changed,
    failures: [InconsistentIds, ProfileChanged],
    idempotent: true,
    http: { route: 'PUT /profiles/{id}', body: 'profile' },
    description: 'Makes a profile, or puts it in the place of the one that is there.',
  }),
  patchProfile: unary({
    input: t.strict({ id: Id, patch: Patch }),
    output: Changed,
    failures: [InconsistentIds, ProfileNotFound, ProfileChanged],
    idempotent: true,
    http: { route: 'PATCH /profiles/{id}', body: 'patch' },
    description: 'Changes some of a profile.',
  }),
  deleteProfile: unary({
    // With DELETE, what is not in the path is in the query: ?version=3.
    input: t.intersection([OfProfile, t.partial({ version: Version })]),
    output: Nothing,
    failures: [ProfileNotFound, ProfileChanged],
    // The second time it is not found, which harms nobody: it is gone.
    idempotent: true,
    http: 'DELETE /profiles/{id}',
  }),
  getAddresses: unary({
    input: OfProfile,
    output: t.strict({ addresses: t.array(Address) }),
    failures: [ProfileNotFound],
    idempotent: true,
    http: 'GET /profiles/{id}/addresses/',
  }),
  getAddress: unary({
    input: OfAddress,
    output: t.strict({ address: Address }),
    failures: [ProfileNotFound, AddressNotFound],
    idempotent: true,
    http: 'GET /profiles/{id}/addresses/{addressId}',
  }),
  postAddress: unary({
    input: t.strict({ id: Id, address: Address }),
    output: Changed,
    failures: [ProfileNotFound, AddressExists],
    http: { route: 'POST /profiles/{id}/addresses/', body: 'address' },
  }),
  deleteAddress: unary({
    input: OfAddress,
    output: Changed,
    failures: [ProfileNotFound, AddressNotFound],
    idempotent: true,
    http: 'DELETE /profiles/{id}/addresses/{addressId}',
  }),
})
