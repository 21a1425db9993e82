// Codecs as JSON Schema: each kind, names, both sides, annotations, secrets.
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { IntFromString } from 'io-ts-types/lib/IntFromString.js'
import { NonEmptyString } from 'io-ts-types/lib/NonEmptyString.js'
import { UUID } from 'io-ts-types/lib/UUID.js'
import { describe, expect, it } from 'vitest'
import { annotate, contract, type OpenApiOptions, openapi, secret, type UnknownKeys, unary } from '../index.ts'

interface Found {
  readonly input: unknown
  readonly output: unknown
  readonly schemas: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

/** The schemas of a codec as one field of an input and of an output, and what is named beside them. */
function of(codec: t.Mixed, unknownKeys: UnknownKeys = {}, options: OpenApiOptions = {}): Found {
  const it = t.type({ it: codec })
  const C = contract('C', { m: unary({ input: it, output: it, unknownKeys, http: 'POST /m' }) })
  const { document, warnings } = openapi(C, options)
  const { requestBody, responses } = (
    document.paths['/m'] as never as Record<
      'post',
      { readonly requestBody: unknown; readonly responses: { readonly 200: unknown } }
    >
  ).post
  const schema = (from: unknown): unknown => {
    const { content } = from as { content: { 'application/json': { schema: { properties: { it: unknown } } } } }
    return content['application/json'].schema.properties.it
  }
  const schemas = Object.entries(document.components.schemas ?? {}).filter(([name]) => !name.endsWith('Problem'))
  return {
    input: schema(requestBody),
    output: schema(responses[200]),
    schemas: Object.fromEntries(schemas),
    warnings,
  }
}
const inputOf = (codec: t.Mixed): unknown => of(codec).input
const outputOf = (codec: t.Mixed): unknown => of(codec).output

describe('the schema of', () => {
  it.each<[string, t.Mixed, unknown]>([
    ['a string', t.string, { type: 'string' }],
    ['a number', t.number, { type: 'number' }],
    ['a whole number', t.Int, { type: 'integer' }],
    ['a boolean', t.boolean, { type: 'boolean' }],
    ['null', t.null, { type: 'null' }],
    ['anything', t.unknown, {}],
    ['never', t.never as never, { not: {} }],
    ['a literal', t.literal('a'), { type: 'string', const: 'a' }],
    ['a keyof', t.keyof({ a: 0, b: 0 }), { type: 'string', enum: ['a', 'b'] }],
    ['a union of literals', t.union([t.literal('a'), t.literal('b')]), { type: 'string', enum: ['a', 'b'] }],
    [
      'literals of several types',
      t.union([t.literal('a'), t.literal(1)]),
      { type: ['string', 'number'], enum: ['a', 1] },
    ],
    ['what may be null', t.union([t.string, t.null]), { type: ['string', 'null'] }],
    [
      'what may be null, with more to say',
      t.union([t.Int, t.null, NonEmptyString]),
      {
        anyOf: [{ type: 'integer' }, { type: 'null' }, { type: 'string', minLength: 1 }],
      },
    ],
    ['what may be absent', t.union([t.string, t.undefined]), { type: 'string' }],
    ['a list', t.array(t.string), { type: 'array', items: { type: 'string' } }],
    [
      'a tuple',
      t.tuple([t.string, t.Int]),
      {
        type: 'array',
        prefixItems: [{ type: 'string' }, { type: 'integer' }],
        minItems: 2,
        items: false,
      },
    ],
    [
      'a tuple whose last item may be anything, which io-ts takes without it',
      t.tuple([t.string, t.unknown]),
      { type: 'array', prefixItems: [{ type: 'string' }, {}], minItems: 1, items: false },
    ],
    ['a record', t.record(t.string, t.number), { type: 'object', additionalProperties: { type: 'number' } }],
    [
      'a record of narrower keys',
      t.record(UUID, t.number),
      {
        type: 'object',
        propertyNames: { type: 'string', format: 'uuid' },
        additionalProperties: { type: 'number' },
      },
    ],
    [
      'a record of known keys',
      t.record(t.keyof({ a: 0, b: 0 }), t.number),
      {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
        additionalProperties: false,
      },
    ],
    [
      'an object',
      t.strict({ a: t.string, b: t.union([t.string, t.undefined]) }),
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        required: ['a'],
        additionalProperties: false,
      },
    ],
    [
      'a partial',
      t.partial({ a: t.string }),
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: false,
      },
    ],
    ['a date', DateFromISOString, { type: 'string', format: 'date-time' }],
    [
      'a number as text',
      IntFromString,
      { type: 'string', description: 'a whole number as text', pattern: '^\\s*[+-]?\\d+' },
    ],
  ])('%s', (_, codec, schema) => {
    expect(inputOf(codec)).toEqual(schema)
  })

  it('given unknown keys, when they are refused or not, then objects and tuples say so on that side', () => {
    const Pair = t.strict({ p: t.tuple([t.string]), o: t.strict({}) })
    const open = {
      type: 'object',
      properties: { p: { type: 'array', prefixItems: [{ type: 'string' }], minItems: 1 }, o: { type: 'object' } },
      required: ['p', 'o'],
    }
    const closed = {
      ...open,
      properties: {
        p: { ...open.properties.p, items: false },
        o: { type: 'object', additionalProperties: false },
      },
      additionalProperties: false,
    }
    expect(of(Pair)).toMatchObject({ input: closed, output: open })
    expect(of(Pair, { input: 'strip', output: 'refuse' })).toMatchObject({ input: open, output: closed })
  })
})

describe('names', () => {
  const Order = t.strict({ id: t.string }, 'Order')
  const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` })

  it('given a named codec on both sides, when its schemas differ, then the one of the input is named so', () => {
    const { input, output, schemas } = of(t.array(Order))
    expect([input, output]).toEqual([
      { type: 'array', items: ref('OrderInput') },
      { type: 'array', items: ref('Order') },
    ])
    expect(schemas).toMatchObject({ Order: { type: 'object' }, OrderInput: { additionalProperties: false } })
  })

  it('given a named codec that is the same on both sides, then it has one name', () => {
    const Sku = t.brand(t.string, (s): s is t.Branded<string, { readonly Sku: symbol }> => s !== '', 'Sku')
    expect(of(Sku)).toMatchObject({ input: ref('Sku'), output: ref('Sku'), schemas: { Sku: { type: 'string' } } })
    expect(of(Order, { input: 'strip' })).toMatchObject({ input: ref('Order'), output: ref('Order') })
  })

  it('given a codec that has the name of another one with its suffix, then both are there', () => {
    const Clash = t.strict({ order: Order, more: t.strict({ x: t.string }, 'OrderInput') })
    expect(Object.keys(of(Clash).schemas)).toEqual(['Order', 'OrderInput', 'OrderInputInput', 'OrderInput_2'])
  })

  it('given a recursion, then it refers to itself', () => {
    const Tree: t.Type<unknown> = t.recursion('Tree', (self) => t.strict({ sons: t.array(self) }) as never)
    expect(of(Tree)).toMatchObject({
      output: ref('Tree'),
      schemas: {
        Tree: { properties: { sons: { items: ref('Tree') } } },
        TreeInput: { properties: { sons: { items: ref('TreeInput') } }, additionalProperties: false },
      },
    })
  })
})

describe('unions and intersections', () => {
  const Card = t.strict({ kind: t.literal('card'), n: t.string })
  const Cash = t.strict({ kind: t.literal('cash') })

  it('given a tagged union, then it is one of its members; named ones are found by the tag', () => {
    expect(outputOf(t.union([Card, Cash]))).toEqual({
      oneOf: [
        {
          type: 'object',
          properties: { kind: { type: 'string', const: 'card' }, n: { type: 'string' } },
          required: ['kind', 'n'],
        },
        { type: 'object', properties: { kind: { type: 'string', const: 'cash' } }, required: ['kind'] },
      ],
    })
    const named = t.union([annotate(Card, { title: 'Card' }), annotate(Cash, { title: 'Cash' })])
    const [card, cash] = ['#/components/schemas/Card', '#/components/schemas/Cash']
    expect(outputOf(named)).toEqual({
      oneOf: [{ $ref: card }, { $ref: cash }],
      discriminator: { propertyName: 'kind', mapping: { card, cash } },
    })
  })

  it('given tags that are no text, then there is no discriminator, which OpenAPI has for text only', () => {
    const A = t.strict({ v: t.literal(1) }, 'A')
    const B = t.strict({ v: t.literal(2) }, 'B')
    expect(outputOf(t.union([A, B]))).toEqual({
      oneOf: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }],
    })
  })

  it('given an intersection of objects, named ones too, then it is one object', () => {
    const Base = t.type({ id: t.string, at: t.type({ x: t.number }) }, 'Base')
    const codec = t.intersection([Base, t.partial({ note: t.string, at: t.type({ y: t.number }) })])
    expect(inputOf(codec)).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        at: {
          type: 'object',
          properties: { x: { type: 'number' }, y: { type: 'number' } },
          required: ['x', 'y'],
          additionalProperties: false,
        },
        note: { type: 'string' },
      },
      required: ['id', 'at'],
      additionalProperties: false,
    })
  })

  it('given an intersection with a union, then each combination is an object that refuses keys by itself', () => {
    const codec = t.intersection([t.union([Card, Cash]), t.type({ id: t.string })])
    expect(inputOf(codec)).toMatchObject({
      anyOf: [
        { required: ['kind', 'n', 'id'], additionalProperties: false },
        { required: ['kind', 'id'], additionalProperties: false },
      ],
    })
  })

  it('given an intersection with a codec that nobody knows, then its keys are not refused', () => {
    const Odd = annotate(new t.Type<object>('Odd', t.UnknownRecord.is, t.UnknownRecord.validate, t.identity), {
      schema: { type: 'object' },
    })
    expect(inputOf(t.intersection([t.type({ id: t.string }), Odd]))).toEqual({
      allOf: [{ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }, { type: 'object' }],
    })
  })

  it('given an intersection of records and objects, then every key satisfies all', () => {
    expect(inputOf(t.intersection([t.record(t.string, t.number), t.type({ a: t.Int })]))).toEqual({
      type: 'object',
      properties: { a: { allOf: [{ type: 'integer' }, { type: 'number' }] } },
      required: ['a'],
      additionalProperties: { type: 'number' },
    })
  })

  it('given an intersection of more combinations than fit on a page, then its members stand side by side', () => {
    const choice = (name: string): t.Mixed => {
      const member = (n: number): t.Mixed => t.type({ [name]: t.literal(n), [`${name}${n}`]: t.string })
      return t.union([member(0), member(1), member(2)])
    }
    const codec = t.intersection([choice('a'), choice('b'), choice('c')])
    expect(inputOf(codec)).toMatchObject({
      allOf: [{ oneOf: [{}, {}, {}] }, { oneOf: [{}, {}, {}] }, { oneOf: [{}, {}, {}] }],
      unevaluatedProperties: false,
    })
  })
})

describe('annotations', () => {
  it('given what is said of a codec, then its schema says it', () => {
    const Qty = annotate(t.number, {
      title: 'How many',
      description: 'of it',
      example: 3,
      deprecated: true,
      schema: { minimum: 1 },
    })
    expect(inputOf(Qty)).toEqual({
      title: 'How many',
      description: 'of it',
      type: 'number',
      minimum: 1,
      deprecated: true,
      examples: [3],
    })
  })

  it('given a named codec, when all its uses say the same of it, then its schema says it; else each use does', () => {
    const Order = t.strict({ id: t.string }, 'Order')
    const Told = annotate(Order, { description: 'An order.', deprecated: true })
    const ref = { $ref: '#/components/schemas/Order' }
    const said = { description: 'An order.', deprecated: true }
    expect(of(t.type({ a: Told, b: t.array(Told) }), { input: 'strip' })).toMatchObject({
      output: { properties: { a: ref, b: { items: ref } } },
      schemas: { Order: said },
    })
    const { output, schemas } = of(t.type({ a: Told, b: Order }), { input: 'strip' })
    expect(output).toMatchObject({ properties: { a: { ...ref, ...said }, b: ref } })
    expect(schemas.Order).not.toHaveProperty('description')
  })

  it('given an example, then it is what is on the wire', () => {
    const at = new Date(0)
    expect(inputOf(annotate(DateFromISOString, { example: at }))).toMatchObject({ examples: [at.toISOString()] })
    expect(outputOf(annotate(t.array(DateFromISOString), { example: [at] }))).toMatchObject({
      examples: [[at.toISOString()]],
    })
  })

  it('given a secret, then it is marked, going in as something that is never read, and never has an example', () => {
    const Password = annotate(secret(t.string), {
      description: 'hush',
      example: 'hunter2',
      schema: { default: 'hunter2' },
    })
    const Login = annotate(t.strict({ user: t.string, password: Password }), {
      title: 'Login',
      example: { user: 'ada', password: 'hunter2' },
    })
    const { schemas, warnings } = of(Login)
    expect(schemas).toMatchObject({
      Login: { properties: { password: { type: 'string', format: 'password', description: 'hush' } } },
      LoginInput: { properties: { password: { format: 'password', writeOnly: true } } },
    })
    expect(JSON.stringify(schemas)).not.toContain('hunter2')
    expect(warnings).toEqual(
      ['Login', 'string'].map((name) => `the example of ${name} shows a secret, so it is left out`),
    )
    expect(outputOf(secret(t.number))).toEqual({ type: 'number' })
  })

  it('given a codec or a predicate of which nobody says what it is, then a warning does, and by option an error', () => {
    const Odd = new t.Type<number>('Odd', t.number.is, t.number.validate, t.identity)
    const Even = t.brand(t.number, (n): n is t.Branded<number, { readonly Even: symbol }> => n % 2 === 0, 'Even')
    expect(of(t.type({ Odd, Even }))).toMatchObject({
      output: { properties: { Odd: { title: 'Odd' }, Even: { $ref: '#/components/schemas/Even' } } },
      warnings: [
        'what Odd is on the wire is not known: annotate(Odd, { schema: { ... } }) says it',
        'what Even demands is not known: annotate(Even, { schema: { ... } }) or a description says it',
      ],
    })
    expect(() => of(Odd, {}, { undescribed: 'refuse' })).toThrow(/^openapi: what Odd is on the wire is not known/)
    const told = t.type({
      Odd: annotate(Odd, { schema: { type: 'integer', not: { multipleOf: 2 } } }),
      Even: annotate(Even, { schema: { multipleOf: 2 } }),
    })
    expect(of(told, {}, { undescribed: 'refuse' })).toMatchObject({
      input: {
        properties: {
          Odd: { type: 'integer', not: { multipleOf: 2 } },
          Even: { $ref: '#/components/schemas/Even' },
        },
      },
      schemas: { Even: { type: 'number', multipleOf: 2 } },
      warnings: [],
    })
  })

  it('given an example that cannot be shown, then a warning says why', () => {
    const Big = new t.Type<bigint, bigint>('Big', (u) => typeof u === 'bigint', t.success as never, t.identity)
    const shown = annotate(Big, { example: 1n, schema: { type: 'integer' } })
    expect(of(shown).warnings).toEqual(['the example of Big cannot be encoded'])
  })
})
