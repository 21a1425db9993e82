// The suite `codec`: decoding what comes from a wire, and encoding what goes there, in io-ts, compiled io-ts, and what
// people use today, on the same shapes and values.
import type { Subject, Suite } from '../harness/suite.ts'
import { type Case, timed } from '../harness/timed.ts'
import type { ShapeName } from './shapes.ts'

type Make = (shape: ShapeName, which: 'valid' | 'invalid') => Subject | Promise<Subject>

interface Peer {
  readonly name: string
  readonly subject: string
  readonly make: Make
}

const compiled: Make = async (...of) => (await import('./io-ts.ts')).compiled(...of)

const peers: readonly Peer[] = [
  { name: 'compiled', subject: 'Tenon: compile(codec) - strips', make: compiled },
  {
    name: 'contract',
    subject: 'Tenon: input of a contract - refuses',
    make: async (...of) => (await import('./io-ts.ts')).ofContract(...of),
  },
  {
    name: 'open',
    subject: 'Tenon: compile(t.type) - keeps',
    make: async (...of) => (await import('./io-ts.ts')).compiledOpen(...of),
  },
  {
    name: 'io-ts',
    subject: 'io-ts - strips',
    make: async (...of) => (await import('./io-ts.ts')).plain(...of),
  },
  { name: 'zod', subject: 'zod 4 - strips, copies', make: async (...of) => (await import('./zod.ts')).zod(...of) },
  {
    name: 'valibot',
    subject: 'valibot - strips, copies',
    make: async (...of) => (await import('./valibot.ts')).valibot(...of),
  },
  {
    name: 'arktype',
    subject: 'arktype - keeps',
    make: async (...of) => (await import('./arktype.ts')).arktype(...of),
  },
  { name: 'ajv', subject: 'ajv - keeps', make: async (...of) => (await import('./schemas.ts')).ajv(...of) },
  {
    name: 'typebox',
    subject: 'typebox, compiled, no errors made - keeps',
    make: async (...of) => (await import('./schemas.ts')).typebox(...of),
  },
]

const titles: Readonly<Record<ShapeName, string>> = {
  small: 'a small object (5 fields)',
  nested: 'an order (20 fields, 5 objects, 2 lists)',
  array: 'a list of 100 objects',
}
const shapes = Object.keys(titles) as readonly ShapeName[]

const decoding = shapes.flatMap((shape) =>
  (['valid', 'invalid'] as const).flatMap((which) => {
    const title = `${titles[shape]}, ${which}`
    const own: Case[] = peers.map(({ name, subject, make }) => ({
      name: `${shape}-${which}-${name}`,
      case: title,
      subject,
      load: async () => make(shape, which),
    }))
    const first = own[0] as Case
    if (which === 'invalid') return own
    return [
      first,
      { ...first, name: `${first.name}-again`, subject: `${first.subject} (A/A)`, again: first.name },
      ...own.slice(1),
    ]
  }),
)

interface Output {
  readonly name: string
  readonly subject: string
  readonly make: (shape: ShapeName) => Promise<Subject>
}

const outputs = (what: string, title: string, of: readonly Output[]): readonly Case[] =>
  shapes.flatMap((shape) =>
    of.map(({ name, subject, make }) => ({
      name: `${shape}-${what}-${name}`,
      case: `${titles[shape]}, ${title}`,
      subject,
      load: () => make(shape),
    })),
  )

const encoding = outputs('encode', 'encoded', [
  {
    name: 'compiled',
    subject: 'Tenon: compile(codec)',
    make: async (shape) => (await import('./io-ts.ts')).compiledEncode(shape),
  },
  {
    name: 'contract',
    subject: 'Tenon: output of a contract',
    make: async (shape) => (await import('./io-ts.ts')).contractEncode(shape),
  },
  { name: 'io-ts', subject: 'io-ts', make: async (shape) => (await import('./io-ts.ts')).plainEncode(shape) },
  { name: 'zod', subject: 'zod 4, checks too', make: async (shape) => (await import('./zod.ts')).zodEncode(shape) },
])

const text = outputs('text', 'as JSON text', [
  {
    name: 'contract',
    subject: 'Tenon: output of a contract, JSON.stringify',
    make: async (shape) => (await import('./io-ts.ts')).contractText(shape),
  },
  { name: 'json', subject: 'JSON.stringify', make: async (shape) => (await import('./schemas.ts')).plainText(shape) },
  {
    name: 'writer',
    subject: 'fast-json-stringify',
    make: async (shape) => (await import('./schemas.ts')).fastText(shape),
  },
])

export const codec: Suite = timed({
  name: 'codec',
  does: 'decoding, encoding and JSON text: compiled io-ts, io-ts, zod, valibot, arktype, ajv, typebox',
  notes:
    'What becomes of keys that a schema does not know stands behind each name: who *keeps* them has less to do, who *refuses* them no less than who *strips* them. io-ts and what is made of it give the very value back where there is nothing to strip; zod and valibot copy always. ' +
    'Of an invalid value the errors are made too, except where it says so: io-ts, and so a contract, lists every wrong field with its path. ' +
    'An input of a contract costs more there than the codec by itself: it is looked through for keys that nobody knows, and each error becomes a path and a few words. A value of more than two hundred parts is not given to io-ts at all, but walked as io-ts does until there is enough to say.\n\n' +
    'What holds the small object back: io-ts answers with the very object that came where it has no other keys, and so its keys must be looked through. `compile(t.type)` is the same without that look. zod and valibot do not look: they copy the fields they know. An input of a contract has to look, since it refuses keys that nobody knows. A list of 100 small objects is a hundred such looks, which keeps it at its limits: a run on another hour of this machine gave 0.33 of zod.',
  cases: [...decoding, ...encoding, ...text],
  oneByOne: true,
  targets: shapes.flatMap((shape) => [
    {
      name: `${titles[shape]}: compiled / io-ts`,
      of: `${shape}-valid-compiled`,
      over: `${shape}-valid-io-ts`,
      limit: 0.05,
    },
    {
      name: `${titles[shape]}: compiled / zod 4`,
      of: `${shape}-valid-compiled`,
      over: `${shape}-valid-zod`,
      limit: 0.33,
    },
  ]),
})
