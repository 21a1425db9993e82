// What the service is about: profiles, and the addresses in them. Each codec is a type, a check and its own documentation.
import { annotate } from '@tenon/contract'
import * as t from 'io-ts'

/** An id that can stand in a path: not empty, and no step up or down in it. */
export const Id = annotate(
  t.refinement(t.string, (text) => text.isWellFormed() && !/^\.{0,2}$/.test(text), 'Id'),
  { description: 'Chosen by whoever makes the thing; any text but "", "." and "..".', example: '1234' },
)

/** Which change a profile is of; a later one has a greater one. */
export const Version = annotate(
  t.refinement(t.number, (n) => Number.isInteger(n) && n > 0, 'Version'),
  {
    description: 'Of the last change; a later one has a greater one.',
    example: 1,
    schema: { type: 'integer', minimum: 1 },
  },
)

export const Address = annotate(t.intersection([t.strict({ id: Id }), t.partial({ location: t.string })]), {
  title: 'Address',
  example: { id: 'home', location: 'Mortise Lane 3' },
})
export type Address = t.TypeOf<typeof Address>

/** What a refinement asks, a document can't know: the description says it. */
const Addresses = annotate(
  t.refinement(
    t.array(Address),
    (all) => new Set(all.map(({ id }) => id)).size === all.length,
    'AddressesOfDifferentIds',
  ),
  { description: 'Their ids differ.' },
)

const Details = t.partial({ name: t.string, addresses: Addresses })

/** A profile as it is made. */
export const NewProfile = annotate(t.intersection([t.strict({ id: Id }), Details]), { title: 'NewProfile' })
export type NewProfile = t.TypeOf<typeof NewProfile>

/** A profile as it is kept. */
export const Profile = annotate(t.intersection([t.strict({ id: Id, version: Version }), Details]), {
  title: 'Profile',
  example: { id: '1234', version: 1, name: 'Ada', addresses: [{ id: 'home', location: 'Mortise Lane 3' }] },
})
export type Profile = t.TypeOf<typeof Profile>

/** A whole profile to put in the place of another; with a version, only in the place of that one. */
export const Replacement = annotate(t.intersection([NewProfile, t.partial({ version: Version })]), {
  title: 'Replacement',
})
export type Replacement = t.TypeOf<typeof Replacement>

/** What to change of a profile: what is left out stays as it is, `null` takes it away (RFC 7396). */
export const Patch = annotate(
  t.partial({
    id: Id,
    version: Version,
    name: t.union([t.string, t.null]),
    addresses: t.union([Addresses, t.null]),
  }),
  { title: 'Patch', description: 'What is left out stays as it is, null takes it away.', example: { name: 'Ada' } },
)
export type Patch = t.TypeOf<typeof Patch>
