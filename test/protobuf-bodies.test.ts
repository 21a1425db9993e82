// Protobuf bodies over HTTP: the messages of gRPC, in the shape that the HTTP transport takes, on real sockets.
import { contract, failure, handler, implement, unary } from '@tenon/contract'
import { call, fail, ok } from '@tenon/endpoint'
import { grpc, ProtoMismatch } from '@tenon/transport-grpc'
import { type BodyFormat, http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changed, EmptyText, Quota, Strings, strings, values } from './interop/strings.ts'

const media = 'application/x-protobuf'

const Missing = failure('Missing', 'not_found', t.strict({ id: t.string }))
const Item = t.strict({ name: t.string, qty: t.Int })
const Items = contract('shop.items.v1.Items', {
  put: unary({
    input: t.intersection([t.strict({ id: t.string, item: Item }), t.partial({ dry: t.boolean, tenant: t.string })]),
    output: t.strict({ id: t.string, item: Item, dry: t.boolean, tenant: t.string }),
    http: { route: 'PUT /items/{id}', query: ['dry'], headers: { tenant: 'x-tenant' } },
  }),
  replace: unary({
    input: t.strict({ id: t.string, item: Item }),
    output: Item,
    http: { route: 'PUT /items/{id}/item', body: 'item' },
  }),
  get: unary({
    input: t.strict({ id: t.string }),
    output: Item,
    failures: [Missing],
    idempotent: true,
    http: 'GET /items/{id}',
  }),
  clear: unary({ input: t.void, output: t.void, http: 'POST /clear' }),
  none: unary({ input: t.strict({ n: t.Int, s: t.string }), output: t.strict({ n: t.Int }), http: 'POST /none' }),
})
const items = implement(Items, {
  put: handler(Items.methods.put, async ({ id, item, dry = false, tenant = '' }) => ok({ id, item, dry, tenant })),
  replace: handler(Items.methods.replace, async ({ item }) => ok(item)),
  get: handler(Items.methods.get, async ({ id }) =>
    id === 'none' ? fail(Missing({ id })) : ok({ name: id, qty: 2 as t.Int }),
  ),
  clear: handler(Items.methods.clear, async () => ok(undefined)),
  none: handler(Items.methods.none, async ({ n, s }) => ok({ n: (n + s.length) as t.Int })),
})

let server: Awaited<ReturnType<typeof http.serve>>
let plain: Awaited<ReturnType<typeof http.serve>>
beforeAll(async () => {
  const quiet = { grace: 0, onTelemetry: () => {} }
  const all = [items, strings().impl]
  server = await http.serve(all, { ...quiet, formats: [grpc.protobuf()], limits: { body: 1_000 } })
  plain = await http.serve(all, quiet)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await plain[Symbol.asyncDispose]()
})

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly vary: string | null
  readonly body: Buffer
}
async function ask(route: string, headers: Record<string, string>, body?: Uint8Array | string): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ')
  const answer = await fetch(`${server.url}${path}`, { method, headers, body: (body as never) ?? null })
  const { status } = answer
  const header = (name: string): string | null => answer.headers.get(name)
  return { status, type: header('content-type'), vary: header('vary'), body: Buffer.from(await answer.arrayBuffer()) }
}
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const protobuf = { 'content-type': media }

describe('a client of the contract', () => {
  it('given protobuf, then values of every kind, failures and metadata cross, and bodies are no JSON', async () => {
    const types: unknown[] = []
    const client = http.client(Strings, {
      url: server.url,
      format: grpc.protobuf(),
      before: (_, { headers }) => void types.push(headers['content-type']),
      after: (_, { headers }) => void types.push(headers['content-type']),
    })
    await using _ = client
    expect(await call(client.change, values)).toEqual(ok(changed(values)))
    expect(await call(client.change, { ...values, note: '' })).toEqual(ok({ ...changed(values), note: '!' }))
    expect(types).toEqual([media, media, media, media])
    const metadata = { 'x-request-id': 'r' }
    expect(await call(client.uppercase, { s: 'ü' }, { metadata })).toEqual(ok({ v: 'Ü', requestId: 'r' }))
    expect(await call(client.uppercase, { s: '' })).toEqual(fail(EmptyText({ field: 's' })))
    expect(await call(client.uppercase, { s: '!quota' })).toEqual(fail(Quota({ retryAfter: 3_000 })))
    expect(types.at(-1)).toBe('application/problem+json')
  })

  it('given fields in path, query and headers, one that is the body, none, and nothing at all, then each is where it belongs', async () => {
    await using client = http.client(Items, { url: server.url, format: grpc.protobuf() })
    const item = { name: 'oak', qty: 3 as t.Int }
    const put = { id: 'a/b', item, dry: true, tenant: 'blue' }
    expect(await call(client.put, put)).toEqual(ok(put))
    expect(await call(client.put, { id: 'a', item })).toEqual(ok({ id: 'a', item, dry: false, tenant: '' }))
    expect(await call(client.replace, { id: 'a', item })).toEqual(ok(item))
    expect(await call(client.get, { id: 'elm' })).toEqual(ok({ name: 'elm', qty: 2 }))
    expect(await call(client.get, { id: 'none' })).toEqual(fail(Missing({ id: 'none' })))
    expect(await call(client.clear, undefined)).toEqual(ok(undefined))
    expect(await call(client.none, { n: 0 as t.Int, s: '' })).toEqual(ok({ n: 0 }))
  })

  it('given a server that speaks JSON only, then answers are understood, and a body is refused with what it takes', async () => {
    await using client = http.client(Items, { url: plain.url, format: grpc.protobuf() })
    expect(await call(client.get, { id: 'elm' })).toEqual(ok({ name: 'elm', qty: 2 }))
    expect(await call(client.none, { n: 1 as t.Int, s: '' })).toMatchObject({
      left: { _tag: 'Remote', tag: 'UnsupportedMediaType', code: 'invalid_argument' },
    })
  })

  it('given a number that the message does not hold, then nothing is sent, and the field is named', async () => {
    await using client = http.client(Items, { url: server.url, format: grpc.protobuf() })
    const item = { name: '', qty: (2 ** 60) as t.Int }
    expect(await call(client.put, { id: 'a', item })).toMatchObject({
      left: { _tag: 'InvalidArgument', issues: [{ path: 'item.qty' }] },
    })
  })
})

describe('what is asked and answered', () => {
  const oak = hex('0a 01 78') // { s: 'x' }

  it.each([
    ['nothing', undefined, media],
    ['anything', '*/*', media],
    ['JSON', 'application/json', 'application/json'],
    ['protobuf first', `application/json;q=0.5, ${media}`, media],
    ['JSON first', `application/*;q=0.9, ${media};q=0.1`, 'application/json'],
    ['anything but protobuf', `*/*, ${media};q=0`, 'application/json'],
    ['what there is none of', 'image/png', media],
    ['nonsense', `;;,=q, ${media};q=many`, media],
    ['ten thousand things', `${'a/b,'.repeat(2_500)}application/json`, media],
  ])(
    'given a protobuf body of a caller that accepts %s, then the answer is in the form it likes best',
    async (_, accept, type) => {
      const answer = await ask('POST /uppercase', { ...protobuf, ...(accept !== undefined && { accept }) }, oak)
      expect(answer).toMatchObject({ status: 200, type, vary: 'accept' })
      if (type === media) expect(answer.body.subarray(0, 3)).toEqual(hex('0a 01 58'))
      else expect(JSON.parse(answer.body.toString())).toEqual({ v: 'X', requestId: '' })
    },
  )

  it('given a JSON body or none, then the answer is JSON unless protobuf is asked for', async () => {
    const json = { 'content-type': 'application/json' }
    expect(await ask('POST /uppercase', json, '{"s":"x"}')).toMatchObject({ type: 'application/json' })
    expect(await ask('POST /uppercase', { ...json, accept: media }, '{"s":"x"}')).toMatchObject({ type: media })
    expect(await ask('GET /items/elm', {})).toMatchObject({ type: 'application/json', vary: 'accept' })
    expect(await ask('GET /items/elm', { accept: media })).toMatchObject({
      type: media,
      body: hex('0a 03 656c6d 10 02'),
    })
  })

  it('given no bytes at all, then they are a message whose fields have their defaults; an empty answer is one, too', async () => {
    expect(await ask('POST /none', protobuf)).toMatchObject({ status: 200, type: media })
    expect(await ask('POST /clear', protobuf)).toMatchObject({ status: 200, type: media, body: Buffer.alloc(0) })
    expect((await ask('POST /clear', {})).status).toBe(204)
  })

  it('given fields that nobody knows, then they are left out', async () => {
    const answer = await ask('POST /uppercase', protobuf, Buffer.concat([hex('fa 06 03 616263 80 07 01'), oak]))
    expect(answer).toMatchObject({ status: 200, type: media })
  })

  it('given a field in the body that travels in the path, then the one of the path counts', async () => {
    const body = hex('0a 05 6f74686572 12 07 0a 03 6f616b 10 03') // { id: 'other', item: { name: 'oak', qty: 3 } }
    const answer = await ask('PUT /items/own', { ...protobuf, accept: 'application/json' }, body)
    expect(JSON.parse(answer.body.toString())).toEqual({
      id: 'own',
      item: { name: 'oak', qty: 3 },
      dry: false,
      tenant: '',
    })
  })
})

describe('what is refused', () => {
  const problem = async (route: string, body: Buffer, headers: Record<string, string> = protobuf) => {
    const answer = await ask(route, headers, body)
    expect(answer.type).toBe('application/problem+json')
    return { status: answer.status, ...JSON.parse(answer.body.toString()) }
  }

  it.each([
    ['a text that is cut off', 'POST /uppercase', '0a 05 78', 's', 'string'],
    ['a text that is no UTF-8', 'POST /uppercase', '0a 02 c3 28', 's', 'string'],
    ['a number that never ends', 'POST /none', '08 ff ff ff ff ff ff ff ff ff ff ff', 'n', 'int64'],
    [
      'a message within that is cut off',
      'POST /change',
      '0a 01 78 5a 09 0a 02',
      'inner',
      'interop.v1.ChangeRequestInner',
    ],
    ['a text within that is no UTF-8', 'POST /change', '5a 04 0a 02 c3 28', 'inner.text', 'string'],
    ['a key that is no UTF-8', 'POST /change', '52 06 0a 02 c3 28 10 01', 'counts', 'int64'],
  ])('given %s, then it is a failure that names the field', async (_, route, bytes, path, expected) => {
    expect(await problem(route, hex(bytes))).toMatchObject({
      status: 400,
      code: 'invalid_argument',
      tag: 'InvalidArgument',
      details: { issues: [{ path, expected, actual: 'other bytes' }] },
    })
  })

  it('given a number that the contract does not hold, then the field is named', async () => {
    const found = await problem('POST /none', hex('08 ff ff ff ff ff ff ff ff 7f'))
    expect(found).toMatchObject({ status: 400, details: { issues: [{ path: 'n' }] } })
    expect(found.detail).toContain('n: ')
  })

  it('given what the codec refuses, then each field is named, and where it was looked for', async () => {
    expect(await problem('PUT /items/a', hex('18 01'))).toMatchObject({
      status: 400,
      details: { issues: [{ path: 'item', actual: 'missing' }] },
    })
    expect(await problem('PUT /items/a?dry=maybe', hex('12 03 0a 01 78'))).toMatchObject({
      status: 400,
      details: { issues: [{ path: 'dry', in: 'query' }] },
    })
  })

  it('given bytes that are nothing, half a tag, a group without end, or nested for ever, then it is a failure', async () => {
    const deep = Buffer.concat(Array.from({ length: 300 }, () => hex('5a 7f')))
    for (const bytes of [hex('ff'), hex('0b'), hex('07'), deep, Buffer.alloc(900, 0xff)])
      expect(await problem('POST /change', bytes)).toMatchObject({ status: 400, code: 'invalid_argument' })
  })

  it('given more bytes than a body may have, another media type, or protobuf for a field that is the body, then it is not read', async () => {
    expect(await problem('POST /uppercase', Buffer.alloc(1_001))).toMatchObject({ status: 413, tag: 'BodyTooLarge' })
    const xml = { 'content-type': 'application/xml' }
    const refused = await problem('POST /uppercase', hex('00'), xml)
    expect(refused).toMatchObject({ status: 415 })
    expect(refused.detail).toContain(`application/json or ${media}`)
    expect(await problem('PUT /items/a/item', hex('00'))).toMatchObject({ status: 415 })
  })

  it('given a contract that its .proto does not fit, or what is no format, then nothing listens', async () => {
    const Odd = contract('a.v1.Odd', {
      get: unary({ input: t.strict({ pair: t.tuple([t.string, t.number]) }), output: t.void }),
    })
    const odd = implement(Odd, { get: handler(Odd.methods.get, async () => ok(undefined)) })
    await expect(http.serve(odd, { formats: [grpc.protobuf()] })).rejects.toThrow(/pair/)
    const proto = new URL('interop/go/proto/strings.proto', import.meta.url)
    await expect(http.serve(items, { formats: [grpc.protobuf({ proto })] })).rejects.toThrow(ProtoMismatch)
    expect(() => http.client(Items, { url: server.url, format: grpc.protobuf({ proto }) })).toThrow(ProtoMismatch)
    const serving = (formats: unknown) => http.serve(items, { formats: formats as BodyFormat[] })
    await expect(serving([{}])).rejects.toThrow('a format has a media type')
    await expect(serving(grpc.protobuf())).rejects.toThrow('is a list of formats')
    await expect(serving([grpc.protobuf(), grpc.protobuf()])).rejects.toThrow(`${media} is there twice`)
    await expect(serving([{ ...grpc.protobuf(), media: 'Text/*' }])).rejects.toThrow('is no media type')
  })
})
