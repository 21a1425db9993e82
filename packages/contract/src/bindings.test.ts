import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { NumberFromString } from 'io-ts-types/lib/NumberFromString.js'
import { describe, expect, it } from 'vitest'
import {
  bindings,
  codecs,
  contract,
  type HttpBinding,
  type HttpParts,
  type HttpRequest,
  type HttpRule,
  type PlacedMethod,
  unary,
} from './index.ts'

const method = (input: t.Mixed, ...http: readonly (HttpRule | HttpRule['route'])[]): PlacedMethod =>
  contract('a.A', { m: unary({ input, output: t.void, ...(http.length > 0 ? { http: http as never } : {}) }) }).methods
    .m
const first = (input: t.Mixed, ...http: readonly (HttpRule | HttpRule['route'])[]): HttpBinding =>
  bindings(method(input, ...http))[0] as HttpBinding
const encode = (binding: HttpBinding, raw: unknown): HttpRequest => {
  const result = binding.encode(raw)
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}
const refusal = (binding: HttpBinding, raw: unknown): unknown => {
  const result = binding.encode(raw)
  return E.isLeft(result) ? result.left.message : result.right
}
/** What is read of a request; of one that is refused why. */
const decoded = (binding: HttpBinding, parts: HttpParts): unknown => {
  const result = binding.decode(parts)
  return E.isLeft(result) ? result.left.message : result.right
}
/** As a router and a server would take a request apart. */
const receive = (binding: HttpBinding, request: HttpRequest, body: unknown = request.body): unknown => {
  const parts = request.path.slice(1).split('/')
  const params = Object.fromEntries(
    binding.route.flatMap((segment, at) =>
      segment.param === undefined
        ? []
        : [
            [
              segment.param,
              decodeURIComponent((parts[at] ?? '').slice(0, (parts[at] ?? '').length - segment.suffix.length)),
            ],
          ],
    ),
  )
  return decoded(binding, { params, query: request.query, header: (name) => request.headers[name], body })
}

describe('where fields travel', () => {
  const Search = t.intersection([
    t.strict({ shop: t.string, page: t.number }),
    t.partial({ q: t.string, open: t.boolean, tags: t.array(t.string) }),
  ])
  const raw = { shop: 'a b/ü', page: 2, q: 'x&y=z', open: false, tags: ['1', 'b c'] }

  it('given no binding, when it is encoded, then the whole input is the body of POST /<contract>/<method>', () => {
    const binding = first(Search)
    expect(binding).toMatchObject({ verb: 'POST', path: '/a.A/m', pattern: 'POST /a.A/m', hasBody: true })
    expect(binding.route).toEqual([{ text: 'a.A' }, { text: 'm' }])
    expect(encode(binding, raw)).toEqual({ path: '/a.A/m', query: '', headers: {}, body: raw })
  })

  it('given GET or DELETE, when it is encoded, then what is not in the path is in the query', () => {
    for (const verb of ['GET', 'DELETE'] as const) {
      const binding = first(Search, `${verb} /v1/shops/{shop}/orders`)
      expect(encode(binding, raw)).toEqual({
        path: '/v1/shops/a%20b%2F%C3%BC/orders',
        query: 'page=2&q=x%26y%3Dz&open=false&tags=1&tags=b%20c',
        headers: {},
        body: undefined,
      })
      expect(binding.hasBody).toBe(false)
    }
  })

  it('given another verb, when it is encoded, then what is not in the path is in the body', () => {
    const { shop, ...rest } = raw
    expect(encode(first(Search, 'PUT /v1/shops/{shop}'), raw)).toMatchObject({ query: '', body: rest })
  })

  it('given places by hand, when it is encoded, then they hold', () => {
    const Put = t.strict({ id: t.string, tenant: t.string, dry: t.boolean, order: t.strict({ sku: t.string }) })
    const put = { id: '1', tenant: 't1', dry: true, order: { sku: 'oak' } }
    const rule = { route: 'PUT /v1/orders/{id}', query: ['dry'], headers: { tenant: 'X-Tenant' } } as const
    expect(encode(first(Put, { ...rule, body: 'order' }), put)).toEqual({
      path: '/v1/orders/1',
      query: 'dry=true',
      headers: { 'x-tenant': 't1' },
      body: { sku: 'oak' },
    })
    expect(encode(first(Put, rule), put).body).toEqual({ order: { sku: 'oak' } })
    const Flat = t.strict({ id: t.string, a: t.string })
    expect(encode(first(Flat, { route: 'POST /v1/{id}', body: 'none' }), { id: '1', a: 'b' })).toEqual({
      path: '/v1/1',
      query: 'a=b',
      headers: {},
      body: undefined,
    })
    expect(encode(first(Flat, { route: 'DELETE /v1/{id}', body: '*' }), { id: '1', a: 'b' }).body).toEqual({ a: 'b' })
  })

  it('given custom verbs, when the route is read, then the text after the colon stands by itself', () => {
    const [a, b] = bindings(method(t.strict({ id: t.string }), 'POST /v1/orders/{id}:cancel', 'POST /v1/orders:lookup'))
    expect(a).toMatchObject({
      path: '/v1/orders/{id}:cancel',
      pattern: 'POST /v1/orders/{}:cancel',
      route: [{ text: 'v1' }, { text: 'orders' }, { param: 'id', suffix: ':cancel' }],
    })
    expect(b?.route).toEqual([{ text: 'v1' }, { text: 'orders:lookup' }])
    expect(encode(a as HttpBinding, { id: 'a:b' }).path).toBe('/v1/orders/a%3Ab:cancel')
    expect(encode(b as HttpBinding, { id: 'a' })).toMatchObject({ path: '/v1/orders:lookup', body: { id: 'a' } })
  })

  it('given a slash at the end, when the route is read, then it is another path than without', () => {
    const [a, b] = bindings(method(t.strict({ id: t.string }), 'POST /v1/orders/', 'GET /v1/orders/{id}/'))
    expect(a).toMatchObject({
      path: '/v1/orders/',
      pattern: 'POST /v1/orders/',
      route: [{ text: 'v1' }, { text: 'orders' }, { text: '' }],
    })
    expect(encode(a as HttpBinding, { id: '1' })).toMatchObject({ path: '/v1/orders/', body: { id: '1' } })
    const sent = encode(b as HttpBinding, { id: 'a/b' })
    expect(sent.path).toBe('/v1/orders/a%2Fb/')
    expect(receive(b as HttpBinding, sent)).toEqual({ id: 'a/b' })
  })

  it('given several bindings, when they are asked for, then they come in the order of the contract', () => {
    const found = bindings(method(t.strict({ id: t.string }), 'GET /v1/{id}', 'POST /v1:lookup'))
    expect(found.map((binding) => binding.pattern)).toEqual(['GET /v1/{}', 'POST /v1:lookup'])
  })

  it('given an input that is no object, when it is encoded, then it is the body; nothing is none', () => {
    expect(encode(first(t.array(t.string), 'POST /v1/all'), ['a'])).toMatchObject({ body: ['a'] })
    expect(receive(first(t.array(t.string), 'POST /v1/all'), encode(first(t.array(t.string)), ['a']))).toEqual(['a'])
    for (const route of ['GET /v1/ping', 'POST /v1/ping'] as const) {
      const binding = first(t.void, route)
      expect(encode(binding, undefined).body).toBeUndefined()
      expect(receive(binding, encode(binding, undefined), { ignored: true })).toBeUndefined()
    }
    expect(encode(first(t.void, 'GET /'), undefined).path).toBe('/')
    expect(encode(first(t.strict({}), 'GET /'), {}).path).toBe('/')
  })

  it('given a tagged union of objects, when fields of all of them are placed, then each message carries its own', () => {
    const input = t.union([
      t.strict({ by: t.literal('id'), id: t.string }),
      t.strict({ by: t.literal('page'), page: t.number }),
    ])
    const binding = first(input, 'GET /v1/find/{by}')
    expect(encode(binding, { by: 'page', page: 3 })).toMatchObject({ path: '/v1/find/page', query: 'page=3' })
    expect(receive(binding, encode(binding, { by: 'page', page: 3 }))).toEqual({ by: 'page', page: 3 })
  })
})

describe('text that becomes what the codec takes', () => {
  const read = (codec: t.Mixed, query: string): unknown =>
    decoded(first(t.partial({ v: codec }), 'GET /v1'), { params: {}, query, header: () => undefined, body: undefined })

  it.each<[string, t.Mixed, string, unknown]>([
    ['text', t.string, 'v=5', '5'],
    ['a number', t.number, 'v=-1.5e3', -1500],
    ['an integer', t.Int, 'v=5', 5],
    ['no number', t.number, 'v=0x10', '0x10'],
    ['more than a number can be', t.number, 'v=1e999', '1e999'],
    ['a blank for a number', t.number, 'v=', ''],
    ['a boolean', t.boolean, 'v=true', true],
    ['no boolean', t.boolean, 'v=yes', 'yes'],
    ['a literal number', t.union([t.literal(1), t.literal(2)]), 'v=2', 2],
    ['a key', t.keyof({ a: null }), 'v=a', 'a'],
    ['a number or a word', t.union([t.number, t.literal('all')]), 'v=all', 'all'],
    ['the number of those', t.union([t.number, t.literal('all')]), 'v=7', 7],
    ['an optional', t.union([t.number, t.undefined]), 'v=7', 7],
    ['a date', DateFromISOString, 'v=2026-01-02T00%3A00%3A00Z', '2026-01-02T00:00:00Z'],
    ['a number that is text on the wire', NumberFromString, 'v=7', '7'],
    ['one of a list', t.array(t.number), 'v=7', [7]],
    ['several of a list', t.readonlyArray(t.number), 'v=7&v=8', [7, 8]],
    ['two where one is meant', t.string, 'v=a&v=b', ['a', 'b']],
    ['plus and percent', t.string, 'v=a+b%20c', 'a b c'],
  ])('given %s, when it comes as text, then the codec gets that', (_, codec, query, value) => {
    expect(read(codec, query)).toEqual({ v: value })
  })

  it.each(['v=%', 'v=%zz', 'v=%ff', 'v=%ED%A0%80', '%c0%af=v', 'v=%e2%82'])(
    'given an escape that is no UTF-8, in %j, when it is read, then that is refused and nothing is guessed',
    (query) => {
      const binding = first(t.partial({ v: t.string }), 'GET /v1')
      expect(binding.decode({ params: {}, query, header: () => undefined, body: undefined })).toMatchObject({
        left: { issues: [{ path: '', expected: 'a query whose escapes are UTF-8', actual: 'another' }] },
      })
    },
  )

  it('given a required list, when no key is there, then it is empty; an optional one is absent', () => {
    const decode = (codec: t.Mixed) =>
      decoded(first(codec, 'GET /v1'), { params: {}, query: '', header: () => undefined, body: undefined })
    expect(decode(t.type({ v: t.array(t.string) }))).toEqual({ v: [] })
    expect(decode(t.partial({ v: t.array(t.string) }))).toEqual({})
  })

  it('given a query as entries, when it is read, then it is the same as text', () => {
    const parts = { params: {}, header: () => undefined, body: undefined }
    const binding = first(t.partial({ v: t.array(t.string) }), 'GET /v1')
    expect(decoded(binding, { ...parts, query: new URLSearchParams('v=a&v=b') })).toEqual({ v: ['a', 'b'] })
  })
})

describe('what somebody else sends', () => {
  const Put = t.type({ id: t.string, sku: t.string })
  const binding = first(Put, 'PUT /v1/orders/{id}')
  const parts = { params: { id: '1' }, query: '', header: () => undefined, body: undefined as unknown }

  it('given a field of the path in body or query too, when it is read, then that of the path counts', () => {
    expect(decoded(binding, { ...parts, query: 'id=2', body: { id: '3', sku: 'oak' } })).toEqual({
      id: '1',
      sku: 'oak',
    })
  })

  it('given keys that nobody knows, when it is read, then the codec gets to refuse them', () => {
    const raw = decoded(binding, { ...parts, query: 'debug=1', body: { sku: 'oak', price: 1 } })
    const { decodeInput } = codecs(method(Put, 'PUT /v1/orders/{id}'))
    const result = decodeInput(raw)
    expect(E.isLeft(result) && result.left.issues.map((issue) => issue.path)).toEqual(['price', 'debug'])
  })

  it('given __proto__ as a key of query or body, when it is read, then it is a key and nothing else', () => {
    const hostile = JSON.parse('{"sku":"oak","__proto__":{"admin":true}}') as object
    const raw = decoded(binding, { ...parts, query: '__proto__=x', body: hostile }) as { admin?: boolean }
    expect(raw.admin).toBeUndefined()
    expect(Object.keys(raw)).toContain('__proto__')
    const result = codecs(method(Put, 'PUT /v1/orders/{id}')).decodeInput(raw)
    expect(E.isLeft(result) && result.left.issues.map((issue) => issue.path)).toEqual(['__proto__'])
  })

  it('given a body that is no object, or none, when it is read, then the codec gets to say so', () => {
    for (const body of ['x', 5, null, [1]]) expect(decoded(binding, { ...parts, body })).toEqual(body)
    expect(decoded(binding, parts)).toEqual({ id: '1' })
  })

  it('given a path field that no client sends, when it is read, then it is refused as there; what cannot be taken for a step is read', () => {
    const cancel = first(t.strict({ id: t.string }), 'POST /v1/orders/{id}:cancel')
    const refusals = {
      '': 'expected text that is not empty, got empty text',
      '.': 'expected text other than "." and "..", got one of these',
      '..': 'expected text other than "." and "..", got one of these',
    }
    for (const [id, problem] of Object.entries(refusals)) {
      expect(decoded(binding, { ...parts, params: { id } })).toBe(`id (path): ${problem}`)
      expect(refusal(binding, { id, sku: '' })).toBe(`id (path): ${problem}`)
    }
    for (const id of ['...', '. ', '..a', '../x']) {
      expect(decoded(binding, { ...parts, params: { id } })).toEqual({ id })
      expect(receive(binding, encode(binding, { id, sku: '' }))).toEqual({ id, sku: '' })
    }
    expect(decoded(cancel, { ...parts, params: { id: '..' } })).toEqual({ id: '..' })
    expect(receive(cancel, encode(cancel, { id: '..' }))).toEqual({ id: '..' })
    expect(cancel.decode({ ...parts, params: { id: '' } })).toEqual(cancel.encode({ id: '' }))
  })
})

describe('what cannot be sent', () => {
  const binding = first(t.strict({ id: t.string }), 'GET /v1/orders/{id}')
  it('given an empty path field, when it is encoded, then that is a failure and not another route', () => {
    expect(binding.encode({ id: '' })).toEqual(
      E.left({
        _tag: 'InvalidArgument',
        code: 'invalid_argument',
        message: 'id (path): expected text that is not empty, got empty text',
        issues: [{ path: 'id', expected: 'text that is not empty', actual: 'empty text', in: 'path', name: 'id' }],
      }),
    )
  })

  it('given dots, lone surrogates or no number, when it is encoded, then that is a failure', () => {
    expect(refusal(binding, { id: '..' })).toBe('id (path): expected text other than "." and "..", got one of these')
    expect(refusal(binding, { id: '.' })).toMatch(/^id \(path\): /)
    expect(refusal(binding, { id: '\ud800' })).toBe(
      'id (path): expected something that text can say, got another string',
    )
    expect(encode(binding, { id: '...' }).path).toBe('/v1/orders/...')
    const query = first(t.partial({ n: t.number, s: t.string }), 'GET /v1')
    expect(refusal(query, { n: Number.NaN })).toBe(
      'n (query): expected something that text can say, got another number',
    )
    expect(refusal(query, { s: '\udfff' })).toMatch(/^s \(query\): /)
    const headers = first(t.strict({ h: t.string }), { route: 'GET /v1', headers: { h: 'x-h' } })
    for (const h of ['a\r\nb: c', ' a', 'a ', 'ü', '\0'])
      expect(refusal(headers, { h })).toMatch(/^h \(header x-h\): expected printable/)
    expect(encode(headers, { h: 'a b' }).headers).toEqual({ 'x-h': 'a b' })
  })

  it('given any input of path, query, header and body, when it is sent and received, then it is what it was', () => {
    const input = t.intersection([
      t.strict({ id: t.string, n: t.number, tenant: t.string, kind: t.keyof({ a: null, b: null }) }),
      t.partial({ q: t.string, flag: t.boolean, tags: t.array(t.string), note: t.string }),
    ])
    const all = bindings(
      method(
        input,
        { route: 'POST /v1/{id}/x/{n}:go', query: ['q', 'flag', 'tags', 'kind'], headers: { tenant: 'x-tenant' } },
        { route: 'GET /v1/{kind}/{id}', headers: { tenant: 'x-tenant' } },
        'PATCH /v1/{id}',
      ),
    )
    const text = fc.string({ unit: 'binary' })
    const value = fc.record(
      {
        id: text.filter((id) => id !== '' && id !== '.' && id !== '..'),
        n: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
        tenant: fc.stringMatching(/^[!-~]{1,8}$/),
        kind: fc.constantFrom('a', 'b'),
        q: text,
        flag: fc.boolean(),
        tags: fc.array(text, { minLength: 1 }),
        note: text,
      },
      { requiredKeys: ['id', 'n', 'tenant', 'kind'] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...all), value, (binding, given) => {
        const request = encode(binding, given)
        expect(new URL(`http://a${request.path}?${request.query}`).pathname).toBe(request.path)
        expect(receive(binding, request)).toEqual({ ...given })
      }),
    )
  })
})

describe('a binding that cannot work', () => {
  const O = t.intersection([
    t.strict({ id: t.string, n: t.union([t.string, t.null]), deep: t.strict({ a: t.string }), any: t.unknown }),
    t.partial({ opt: t.string, list: t.array(t.string) }),
  ])
  const one = t.strict({ id: t.string })
  it.each<[string, t.Mixed, HttpRule | string, string]>([
    ['no verb', one, '/v1', 'a.A.m: http "/v1": a route reads "GET /v1/orders/{id}"'],
    ['another verb', one, 'HEAD /v1', 'a route reads'],
    ['no slash', one, 'GET v1', 'a route reads'],
    ['two slashes', one, 'GET /v1//a', 'a path has no empty segment'],
    ['two slashes at the end', one, 'GET /v1//', 'a path has no empty segment'],
    ['nothing but slashes', one, 'GET //', 'a path has no empty segment'],
    ['dots', one, 'GET /v1/../a', '".." is no segment of a path'],
    ['a query in the path', one, 'GET /v1?a=b', 'a character that a path cannot carry'],
    ['percent', one, 'GET /v1/%20', 'a character that a path cannot carry'],
    ['a wildcard', one, 'GET /v1/{id=*}', 'wildcards there are none'],
    ['half a segment', one, 'GET /v1/a{id}', 'a field is a whole segment'],
    ['a field twice', one, 'GET /v1/{id}/{id}', '"id" stands in the path twice'],
    [
      'an unknown field',
      one,
      'GET /v1/{key}',
      'a.A.m (GET /v1/{key}), field "key": the input has no such field, only id',
    ],
    ['an optional field in the path', O, 'POST /v1/{opt}', 'field "opt": a field in the path must be required'],
    [
      'null in the path',
      O,
      'POST /v1/{n}',
      'field "n": null has no form as text, so it cannot travel in the path; put it in the body',
    ],
    [
      'a list in the path',
      O,
      'POST /v1/{list}',
      'field "list": a list can travel in the query or the body, not in the path',
    ],
    ['an object in the query', O, 'GET /v1/{id}', 'cannot travel in the query; put it in the body'],
    ['anything in the query', t.type({ any: t.unknown }), 'GET /v1', 'field "any": a text does not tell what it is'],
    [
      'two meanings',
      t.type({ v: t.union([t.string, t.number]) }),
      'GET /v1',
      'field "v": one text could mean two of its values',
    ],
    [
      'two meanings of a literal',
      t.type({ v: t.union([t.number, t.literal('1')]) }),
      'GET /v1',
      'one text could mean two',
    ],
    ['a list of lists', t.type({ v: t.array(t.array(t.string)) }), 'GET /v1', 'a list of lists has no form as text'],
    [
      'an item or a list',
      t.type({ v: t.union([t.string, t.array(t.string)]) }),
      'GET /v1',
      'an item or the whole list',
    ],
    ['a record in the query', t.type({ v: t.record(t.string, t.string) }), 'GET /v1', 'an object has no form as text'],
    [
      'a field placed twice',
      one,
      { route: 'GET /v1/{id}', query: ['id'] },
      'field "id": it is placed in the path already',
    ],
    [
      'no header',
      one,
      { route: 'GET /v1', headers: { id: 'x y' } },
      'field "id": "x y" is no header that a contract may set',
    ],
    [
      'a header of HTTP',
      one,
      { route: 'GET /v1', headers: { id: 'Content-Length' } },
      'is no header that a contract may set',
    ],
    ['a list in a header', O, { route: 'POST /v1', headers: { list: 'x-list' } }, 'not in the header'],
    ['a body of GET', one, { route: 'GET /v1', body: '*' }, 'a GET has no body'],
    ['an unknown body', one, { route: 'POST /v1', body: 'order' }, 'field "order": the input has no such field'],
    [
      'fields of no object',
      t.array(t.string),
      'POST /v1/{id}',
      'field "id": the input is no object whose fields are known',
    ],
    ['no object in a GET', t.array(t.string), 'GET /v1', 'it can travel in the body only: use POST, PUT or PATCH'],
  ])(
    'given %s, when the contract is made, then a TypeError names contract, method and field',
    (_, input, rule, says) => {
      const make = (): unknown => method(input, rule as HttpRule)
      expect(make).toThrow(TypeError)
      expect(make).toThrow(says)
      expect(make).toThrow('a.A.m')
    },
  )

  it('given one header for two fields, when the contract is made, then a TypeError says so', () => {
    const rule = { route: 'GET /v1', headers: { a: 'x-a', b: 'X-A' } } as const
    expect(() => method(t.strict({ a: t.string, b: t.string }), rule)).toThrow('the header x-a carries another field')
  })
})
