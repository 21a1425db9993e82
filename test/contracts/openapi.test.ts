// The law of OpenAPI documents: what a codec takes and writes, its schema takes; what it refuses, its schema refuses,
// as far as JSON Schema can say it.
import { Validator } from '@seriousme/openapi-schema-validator'
import { codecs, contract, type OpenApiDocument, openapi, type UnknownKeys, unary } from '@tenon/contract'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type Case, cases } from './arbitrary.ts'

const runs = { numRuns: 60 }

interface Described {
  readonly document: OpenApiDocument
  readonly input: ValidateFunction
  readonly output: ValidateFunction
  readonly decodeInput: (raw: unknown) => { readonly _tag: string }
  readonly encodeInput: (value: unknown) => unknown
  readonly encodeOutput: (value: unknown) => unknown
}

/** A codec as the input and output of a method, with what ajv makes of the schemas in its document. */
function described(codec: t.Mixed, unknownKeys: UnknownKeys = {}, asserted = true): Described {
  const both = t.strict({ it: codec })
  const Echo = contract('Echo', { echo: unary({ input: both, output: both, unknownKeys }) })
  const { document } = openapi(Echo)
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictTuples: false,
    strictTypes: false,
    validateFormats: asserted,
  })
  if (asserted) formats.default(ajv)
  for (const keyword of ['discriminator', 'components', 'paths', 'openapi', 'info', 'servers', 'security', 'tags'])
    ajv.addKeyword(keyword)
  ajv.addFormat('password', true)
  ajv.addSchema(document, 'doc')
  const at = (pointer: string): ValidateFunction => ajv.getSchema(`doc#${pointer}`) as ValidateFunction
  const { decodeInput, encodeInput, encodeOutput } = codecs(Echo.methods.echo)
  const post = '/paths/~1Echo~1echo/post'
  return {
    document,
    input: at(`${post}/requestBody/content/application~1json/schema`),
    output: at(`${post}/responses/200/content/application~1json/schema`),
    decodeInput: (it) => decodeInput({ it }),
    encodeInput: (it) => encodeInput({ it } as never),
    encodeOutput: (it) => encodeOutput({ it } as never),
  }
}

const validator = new Validator()

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Further shapes that only documents have to care for: intersections that are no single object. */
const more: fc.Arbitrary<Case> = fc.tuple(cases, cases).map(([one, other]) => ({
  codec: t.intersection([
    t.union([t.strict({ kind: t.literal('one'), a: one.codec }), t.strict({ kind: t.literal('two'), z: other.codec })]),
    // Not strict inside: of one key in two strict members io-ts encodes the last one only.
    t.type({ x: t.type({ y: other.codec }) }),
    t.partial({ x: t.type({ w: t.string }) }),
  ]),
  values: fc.tuple(one.values, other.values, fc.boolean()).map(([a, y, first]) => ({
    ...(first ? { kind: 'one', a } : { kind: 'two', z: y }),
    x: { y, w: 'w' },
  })),
  opaque: one.opaque || other.opaque,
}))

const all = fc.oneof({ arbitrary: cases, weight: 4 }, { arbitrary: more, weight: 1 })

/** A value, and the same with something changed: dropped, added, or replaced by what another codec takes. */
const nearly = (value: unknown, other: unknown): readonly unknown[] => {
  const found: unknown[] = [value, other, null, [value], { it: value }]
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value)
    const row = value as Record<string, unknown>
    if (Array.isArray(value)) found.push([...value, other], value.slice(1), [other, ...value.slice(1)])
    else found.push({ ...row, zz: other }, { ...row, [keys[0] ?? 'a']: other })
    const [first] = keys
    if (first !== undefined && !Array.isArray(value)) {
      const { [first]: inside, ...rest } = row
      found.push(rest)
      for (const changed of nearly(inside, other).slice(0, 4)) found.push({ ...row, [first]: changed })
    }
  }
  return found
}

describe('a document and its codecs', () => {
  it('given random codecs, when values are encoded, then the schemas of input and output take them', () => {
    fc.assert(
      fc.property(
        all.chain(({ codec, values }) => fc.tuple(fc.constant(codec), values)),
        fc.constantFrom<UnknownKeys>({}, { input: 'strip', output: 'refuse' }),
        ([codec, value], unknownKeys) => {
          const { input, output, encodeInput, encodeOutput } = described(codec, unknownKeys)
          const [sent, answered] = [json(encodeInput(value)), json(encodeOutput(value))]
          input(sent)
          expect(input.errors, codec.name).toBe(null)
          output(answered)
          expect(output.errors, codec.name).toBe(null)
        },
      ),
      runs,
    )
  })

  it.each([
    ['refuse', {}],
    ['strip', { input: 'strip' }],
  ] as const)(
    'given random codecs and unknown keys that the method would %s, when values nearly fit, then the schema says what the server says',
    (policy, unknownKeys) => {
      fc.assert(
        fc.property(
          all.chain((one) =>
            fc.tuple(
              fc.constant(one),
              one.values,
              cases.chain(({ codec, values }) => fc.tuple(fc.constant(codec), values)),
            ),
          ),
          ([{ codec, opaque }, value, [otherCodec, other]]) => {
            const { input, decodeInput, encodeInput, document } = described(codec, unknownKeys, false)
            // Of members that are tried in turn io-ts looks at the first that fits, a schema at all of them.
            const tries = policy === 'refuse' && JSON.stringify(document).includes('anyOf')
            const raw = (json(encodeInput(value)) as { readonly it: unknown }).it
            for (const near of nearly(raw, json(otherCodec.encode(other)))) {
              const taken = decodeInput(near)._tag === 'Right'
              const valid = input({ it: near })
              if (taken && !valid) expect({ name: codec.name, near, errors: input.errors }).toBe('valid')
              if (!taken && valid && !opaque && !tries) expect({ name: codec.name, near }).toBe('invalid')
            }
          },
        ),
        runs,
      )
    },
  )

  it('given random codecs, when they are described, then the document is valid', async () => {
    const valid = fc.asyncProperty(all, async ({ codec }) => {
      const { document } = described(codec)
      expect(await validator.validate(structuredClone(document)), codec.name).toEqual({ valid: true })
    })
    await fc.assert(valid, { numRuns: 30 })
  })
})
