// Contracts as OpenAPI: what each binding becomes, what a method answers, and what is said of the whole.
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import {
  annotate,
  clientStream,
  contract,
  event,
  failure,
  type OpenApiOperation,
  openapi,
  secret,
  serverStream,
  unary,
} from '../index.ts'

const Item = annotate(t.strict({ sku: t.string, qty: t.Int }), { title: 'Item', description: 'A line of an order.' })
const NotFound = failure('NotFound', 'not_found', t.strict({ id: annotate(t.string, { example: '7' }) }))
const Gone = failure('HTTPGone', 'not_found')
const Slow = failure('Slow', 'resource_exhausted', t.strict({ retryAfter: t.number }))
const Find = t.intersection([
  t.strict({ tenant: t.string, tags: t.array(t.string), only: t.union([t.literal(1), t.literal(2)]) }),
  t.partial({ q: annotate(t.string, { description: 'words', deprecated: true, example: 'oak' }), page: t.Int }),
])

const Items = contract(
  'shop.items.v1.Items',
  {
    find: unary({ input: Find, output: t.array(Item), http: 'GET /v1/{tenant}/items', idempotent: true }),
    get: unary({ input: t.strict({ id: t.string }), output: Item, failures: [NotFound], http: 'GET /v1/items/{id}' }),
    replace: unary({
      input: t.strict({ key: t.string, dryRun: t.boolean, item: Item, token: secret(t.string) }),
      output: t.void,
      failures: [NotFound, Gone, Slow],
      http: { route: 'PUT /v1/items/{key}', query: ['dryRun'], headers: { token: 'X-Token' }, body: 'item' },
      description: 'Replaces an item. It must be there.\n\nNothing else changes.',
    }),
    patch: unary({
      input: t.intersection([t.strict({ id: t.string }), t.partial({ qty: t.Int })]),
      output: t.union([Item, t.undefined]),
      http: ['PATCH /v1/items/{id}', 'POST /v1/items/{id}:patch'],
      deprecated: true,
    }),
    cancelAll: unary({ input: t.strict({ id: t.string }), output: t.void, http: 'POST /v1/items/{id}:cancel' }),
    bare: unary({ input: t.void, output: t.void }),
    list: unary({ input: t.array(Item), output: t.void }),
    watch: serverStream({ input: t.strict({ id: t.string }), output: Item, failures: [NotFound] }),
    upload: clientStream({ input: Item, output: t.void }),
    added: event({ message: Item }),
  },
  { description: 'What there is to buy.' },
)
const { document, warnings } = openapi(Items)
const at = (path: string, verb: string): OpenApiOperation => document.paths[path]?.[verb] as OpenApiOperation
const ref = (name: string, kind = 'schemas'): unknown => ({ $ref: `#/components/${kind}/${name}` })
const json = (schema: unknown): unknown => ({ 'application/json': { schema } })

describe('operations', () => {
  it('given a contract, then every binding of every method that HTTP carries is there, the rest is not', () => {
    const all = Object.entries(document.paths).flatMap(([path, verbs]) =>
      Object.entries(verbs).map(([verb, { operationId }]) => `${verb} ${path} ${operationId}`),
    )
    expect(all).toEqual([
      'get /v1/{tenant}/items shop.items.v1.Items.find',
      'get /v1/items/{id} shop.items.v1.Items.get',
      'put /v1/items/{id} shop.items.v1.Items.replace',
      'patch /v1/items/{id} shop.items.v1.Items.patch',
      'post /v1/items/{id}:patch shop.items.v1.Items.patch.2',
      'post /v1/items/{id}:cancel shop.items.v1.Items.cancelAll',
      'post /shop.items.v1.Items/bare shop.items.v1.Items.bare',
      'post /shop.items.v1.Items/list shop.items.v1.Items.list',
      'post /shop.items.v1.Items/watch shop.items.v1.Items.watch',
    ])
    expect(warnings).toEqual(['shop.items.v1.Items/upload takes a stream, which HTTP does not carry: it is left out'])
    expect(document.tags).toEqual([{ name: 'shop.items.v1.Items', description: 'What there is to buy.' }])
  })

  it('given what a method says of itself, then its operation says it; without a word its name is the summary', () => {
    expect(at('/v1/items/{id}', 'put')).toMatchObject({
      tags: ['shop.items.v1.Items'],
      summary: 'Replaces an item',
      description: 'Replaces an item. It must be there.\n\nNothing else changes.',
    })
    expect(at('/v1/items/{id}:cancel', 'post')).toMatchObject({ summary: 'Cancel all' })
    expect(at('/v1/items/{id}', 'patch')).toMatchObject({ deprecated: true })
    expect(at('/v1/{tenant}/items', 'get')).toMatchObject({ 'x-idempotent': true })
    expect(at('/v1/items/{id}', 'get')).not.toHaveProperty('x-idempotent')
  })

  it.each([
    ['Takes an order.', 'Takes an order', undefined],
    ['Version 1.2 of it', 'Version 1.2 of it', undefined],
    ['First\nsecond', 'First', 'First\nsecond'],
    ['  One. Two. ', 'One', '  One. Two. '],
    ['', 'M', ''],
  ])('given the description %j, then its first sentence is the summary', (description, summary, rest) => {
    const C = contract('C', { m: unary({ input: t.void, output: t.void, description }) })
    const operation = openapi(C).document.paths['/C/m']?.post
    expect([operation?.summary, operation?.description]).toEqual([summary, rest])
  })
})

describe('where fields travel', () => {
  it('given fields in path and query, then each is a parameter; a list is a key that repeats and may be missing', () => {
    expect(at('/v1/{tenant}/items', 'get').parameters).toEqual([
      { name: 'tenant', in: 'path', required: true, schema: { type: 'string' } },
      {
        name: 'tags',
        in: 'query',
        style: 'form',
        explode: true,
        schema: { type: 'array', items: { type: 'string' } },
      },
      { name: 'only', in: 'query', required: true, schema: { type: 'number', enum: [1, 2] } },
      {
        name: 'q',
        in: 'query',
        description: 'words',
        deprecated: true,
        schema: { type: 'string' },
        example: 'oak',
      },
      { name: 'page', in: 'query', schema: { type: 'integer' } },
    ])
    expect(at('/v1/{tenant}/items', 'get').requestBody).toBeUndefined()
  })

  it('given one field as the body, others in query and header, and a path that is named already, then so it is told', () => {
    const { parameters, requestBody } = at('/v1/items/{id}', 'put')
    expect(parameters).toMatchObject([
      { name: 'id', in: 'path' },
      { name: 'dryRun', in: 'query', required: true, schema: { type: 'boolean' } },
      { name: 'x-token', in: 'header', required: true, schema: { format: 'password', writeOnly: true } },
    ])
    expect(requestBody).toEqual({ required: true, content: json(ref('ItemInput')) })
  })

  it('given what is left for the body, then it is there when something in it must be', () => {
    expect(at('/v1/items/{id}', 'patch').requestBody).toEqual({
      content: json({ type: 'object', properties: { qty: { type: 'integer' } }, additionalProperties: false }),
    })
    expect(at('/v1/items/{id}:cancel', 'post').requestBody).toBeUndefined()
    expect(at('/shop.items.v1.Items/bare', 'post').requestBody).toBeUndefined()
    expect(at('/shop.items.v1.Items/list', 'post').requestBody).toEqual({
      required: true,
      content: json({ type: 'array', items: ref('ItemInput') }),
    })
  })

  it('given a tagged union whose tag is in the path, then the body is any of its members', () => {
    const A = t.strict({ kind: t.literal('a'), a: t.string })
    const B = t.strict({ kind: t.literal('b'), b: t.string })
    const C = contract('C', { m: unary({ input: t.union([A, B]), output: t.void, http: 'PUT /m/{kind}' }) })
    const put = openapi(C).document.paths['/m/{kind}']?.put
    expect(put?.parameters).toEqual([
      { name: 'kind', in: 'path', required: true, schema: { type: 'string', enum: ['a', 'b'] } },
    ])
    expect(put?.requestBody).toMatchObject({
      required: true,
      content: json({ anyOf: [{ required: ['a'] }, { required: ['b'] }] }),
    })
  })
})

describe('what is not told', () => {
  interface Brand {
    readonly Ordered: symbol
  }
  const Range = t.strict({ from: t.number, to: t.number })
  type Range = t.TypeOf<typeof Range>
  const Ordered = t.brand(Range, (range): range is t.Branded<Range, Brand> => range.from <= range.to, 'Ordered')

  it('given a predicate of an input whose fields travel apart, then a warning says that it is lost', () => {
    const C = contract('C', { m: unary({ input: Ordered, output: t.void, http: 'GET /m' }) })
    expect(openapi(C).warnings).toEqual([
      'what Ordered demands of the whole is not told, because its fields travel apart',
    ])
  })

  it('given a predicate of a member of an intersection, then a warning says that nobody knows it', () => {
    const input = t.intersection([Ordered, t.type({ step: t.number })])
    const C = contract('C', { m: unary({ input, output: t.void }) })
    expect(openapi(C).warnings).toEqual([
      'what Ordered demands is not known: annotate(Ordered, { schema: { ... } }) or a description says it',
    ])
  })

  it('given a field in the header authorization, then a warning says where OpenAPI has it', () => {
    const http = { route: 'POST /m', headers: { key: 'authorization' } } as const
    const C = contract('C', { m: unary({ input: t.strict({ key: t.string }), output: t.void, http }) })
    expect(openapi(C).warnings).toEqual([
      'key travels in authorization, which OpenAPI knows as security only: security says it',
    ])
  })
})

describe('what is answered', () => {
  it('given an output, then 200 and its schema; given none, 204; where it may be none, both', () => {
    expect(at('/v1/items/{id}', 'get').responses[200]).toEqual({
      description: 'A line of an order.',
      content: json(ref('Item')),
    })
    expect(at('/v1/items/{id}', 'put').responses).not.toHaveProperty('200')
    expect(at('/v1/items/{id}', 'put').responses).toHaveProperty('204')
    expect(Object.keys(at('/v1/items/{id}', 'patch').responses)).toEqual(['200', '204', '400', '429', '503', 'default'])
  })

  it('given declared failures, then each status tells them apart by tag, and takes whatever else has that status', () => {
    const { responses } = at('/v1/items/{id}', 'put')
    expect(responses[404]).toEqual({
      description: 'Not Found: `NotFound`, not found; `HTTPGone`, http gone.',
      content: {
        'application/problem+json': {
          schema: {
            oneOf: [
              ref('NotFoundProblem'),
              ref('HTTPGoneProblem'),
              {
                title: 'Any other',
                allOf: [ref('Problem')],
                properties: { tag: { not: { enum: ['NotFound', 'HTTPGone'] } } },
              },
            ],
          },
          examples: {
            NotFound: {
              summary: 'not found',
              value: {
                type: 'about:blank',
                title: 'Not Found',
                status: 404,
                detail: 'not found',
                code: 'not_found',
                tag: 'NotFound',
                details: { id: '7' },
              },
            },
            HTTPGone: { summary: 'http gone', value: expect.not.objectContaining({ details: {} }) },
          },
        },
      },
    })
    expect(document.components.schemas?.NotFoundProblem).toMatchObject({
      properties: {
        tag: { const: 'NotFound' },
        code: { const: 'not_found' },
        status: { const: 404 },
        details: { type: 'object', required: ['id'] },
      },
      required: ['type', 'title', 'status', 'detail', 'code', 'tag', 'details'],
    })
    expect(document.components.schemas?.HTTPGoneProblem).not.toMatchObject({
      required: expect.arrayContaining(['details']),
    })
  })

  it('given what any call may end in, then it is written once; what says when to come again has that header', () => {
    const { responses } = at('/v1/items/{id}', 'put')
    expect(responses).toMatchObject({
      400: ref('BadRequest', 'responses'),
      429: { headers: { 'retry-after': ref('RetryAfter', 'headers') } },
      503: ref('ServiceUnavailable', 'responses'),
      default: ref('AnyFailure', 'responses'),
    })
    expect(document.components.responses?.ServiceUnavailable).toMatchObject({
      headers: { 'retry-after': ref('RetryAfter', 'headers') },
    })
  })

  it('given a server stream, then its events carry items, and the last one says how it ended', () => {
    const { responses, parameters } = at('/shop.items.v1.Items/watch', 'post')
    expect(parameters).toBeUndefined()
    expect(Object.keys(responses)).toEqual(['200', '204', '400', '404', '429', '503', 'default'])
    expect(responses[200]).toMatchObject({
      content: {
        'text/event-stream': {
          schema: {
            type: 'string',
            contentSchema: {
              items: {
                oneOf: [
                  {
                    properties: { data: { contentMediaType: 'application/json', contentSchema: ref('Item') } },
                    required: ['event', 'data'],
                  },
                  { properties: { event: { const: 'end' } } },
                  {
                    properties: {
                      event: { const: 'failure' },
                      data: { contentSchema: { oneOf: [ref('NotFoundProblem'), ref('InvalidArgumentProblem'), {}] } },
                    },
                  },
                ],
              },
            },
          },
        },
      },
    })
  })

  it('given a stream that can be resumed, then its items have ids, and a header says after which it goes on', () => {
    const Stock = contract('Stock', {
      changes: serverStream({
        input: t.partial({ since: t.number }),
        output: t.strict({ seq: t.number }),
        http: 'GET /changes',
        resume: { id: 'seq', after: 'since' },
      }),
    })
    const get = openapi(Stock).document.paths['/changes']?.get
    expect(get?.parameters).toMatchObject([{ name: 'since' }, { name: 'last-event-id', in: 'header' }])
    expect(get?.responses[200]).toMatchObject({
      content: {
        'text/event-stream': {
          schema: { contentSchema: { items: { oneOf: [{ required: ['event', 'data', 'id'] }, {}, {}] } } },
        },
      },
    })
  })

  it('given failures of one tag with other details in another contract, then both are told', () => {
    const Other = contract('Other', {
      m: unary({ input: t.void, output: t.void, failures: [failure('NotFound', 'not_found', t.strict({ n: t.Int }))] }),
    })
    const both = openapi([Items, Other]).document
    expect(both.components.schemas).toMatchObject({
      NotFoundProblem: { properties: { details: { required: ['id'] } } },
      NotFoundProblem_2: { properties: { details: { required: ['n'] } } },
    })
  })
})

describe('the whole', () => {
  it('given nothing, then contracts name the document, and it is served where it comes from', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'shop.items.v1.Items', version: '0.0.0' },
      servers: [{ url: '/' }],
      security: [],
    })
  })

  it('given options, then the document says them', () => {
    const made = openapi(Items, {
      info: { title: 'Items', version: '2.1.0', license: { name: 'MIT', identifier: 'MIT' } },
      servers: ['/shop', { url: 'https://shop.test', description: 'the shop' }],
      security: { token: { type: 'http', scheme: 'bearer' } },
      operationId: ({ name }) => name,
    }).document
    expect(made).toMatchObject({
      info: { title: 'Items', version: '2.1.0', license: { name: 'MIT' } },
      servers: [{ url: '/shop' }, { url: 'https://shop.test', description: 'the shop' }],
      security: [{ token: [] }],
      components: { securitySchemes: { token: { type: 'http' } } },
      paths: { '/v1/items/{id}:patch': { post: { operationId: 'patch.2' } } },
    })
  })

  it('given the same contracts, then it is the same text, and nothing but JSON', () => {
    expect(JSON.stringify(openapi(Items).document)).toBe(JSON.stringify(document))
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  it('given no contract, then there is a document without paths', () => {
    expect(openapi([]).document).toMatchObject({ paths: {}, components: {} })
  })

  it('given two methods with one route or one id, then an error names both', () => {
    const Other = contract('Other', {
      get: unary({ input: t.strict({ item: t.string }), output: t.void, http: 'GET /v1/items/{item}' }),
    })
    expect(() => openapi([Items, Other])).toThrow(
      new TypeError('openapi: Other/get and shop.items.v1.Items/get have the same route, GET /v1/items/{}'),
    )
    expect(() => openapi(Items, { operationId: () => 'same' })).toThrow(
      new TypeError('openapi: shop.items.v1.Items/get and shop.items.v1.Items/find have the same operationId, same'),
    )
  })

  it.each([
    [{ title: 'x' }, 'openapi: there is no option "title"; there are info, servers'],
    [{ info: { version: 1 } }, 'openapi: info.version is a text and not 1'],
    [{ info: { title: ' ' } }, 'openapi: info.title is a text and not " "'],
    [{ servers: '/x' }, 'openapi: servers is a list of URLs'],
    [{ servers: [''] }, 'openapi: servers: a server is a URL or a path such as "/shop" and not ""'],
    [{ undescribed: 'no' }, `openapi: undescribed is 'any' or 'refuse' and not "no"`],
    [{ security: { 'a b': { type: 'http' } } }, 'openapi: security: "a b" is no name of a scheme'],
    [{ security: { a: {} } }, 'openapi: security.a is a scheme such as'],
    [{ operationId: 'x' }, 'openapi: operationId is a function of a method'],
  ])('given the options %j, then an error names what is wrong', (options, message) => {
    expect(() => openapi(Items, options as never)).toThrow(message)
  })
})
