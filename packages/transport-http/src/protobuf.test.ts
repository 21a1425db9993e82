// Protobuf bodies at the low level, as Go kit's http/proto has them; messages are of a library of three lines.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { call, endpoint, ok } from '@tenon/endpoint'
import { expect, it } from 'vitest'
import { http, type RequestListener } from './index.ts'

/** `message Name { string name = 1; }`, of less than 128 bytes. */
interface Name {
  readonly name: string
}
function write({ name }: Name): Uint8Array {
  if (typeof name !== 'string') throw new TypeError('no message')
  return Buffer.from([10, Buffer.byteLength(name), ...Buffer.from(name)])
}
function read(bytes: Uint8Array): Name {
  if (bytes.length === 0) return { name: '' }
  if (bytes[0] !== 10 || bytes[1] !== bytes.length - 2) throw new RangeError('no message')
  return { name: Buffer.from(bytes.subarray(2)).toString() }
}

const media = 'application/x-protobuf'

async function listening(listener: RequestListener) {
  const server = createServer(listener as never)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) }
}
const greet = endpoint(async ({ name }: Name) => ok({ name: `Hello ${name}` }))
const decode = http.decodeProtobuf(read)
const encode = http.encodeProtobuf(write)

it('PB-1: given a message, when it is a request, then its type is application/x-protobuf, and it reads back equal', async () => {
  await using server = await listening(http.server(greet, { decode, encode, media: [media] }))
  const types: unknown[] = []
  const after = (_: unknown, { headers }: { readonly headers: Readonly<Record<string, unknown>> }): void =>
    void types.push(headers['content-type'], headers['content-length'])
  await using client = http.client({ url: server.url, encode, decode: http.readProtobuf(read), after })
  expect(await call(client, { name: 'Ada' })).toEqual(ok({ name: 'Hello Ada' }))
  expect(types).toEqual([media, '11'])
})

it('PB-2, PB-5: given a status and headers of a hook or an encoder, when a message is answered, then they are sent', async () => {
  const teapot = http.server(greet, {
    decode,
    encode(message, reply) {
      reply.status = 418
      reply.headers['x-brewed'] = 'tea'
      reply.headers['content-type'] = 'application/vnd.name+protobuf'
      encode(message, reply)
    },
    after: http.setResponseHeader('x-hook', 'yes'),
  })
  await using server = await listening(teapot)
  const answer = await fetch(server.url, { method: 'POST', body: write({ name: 'Ada' }) as never })
  expect(answer.status).toBe(418)
  const header = (name: string): string | null => answer.headers.get(name)
  expect([header('x-brewed'), header('x-hook'), header('content-type')]).toEqual([
    'tea',
    'yes',
    'application/vnd.name+protobuf',
  ])
  expect(read(Buffer.from(await answer.arrayBuffer()))).toEqual({ name: 'Hello Ada' })
})

it('PB-3: given a value that is no message, when it is to be written, then it is a defect on the side that has it', async () => {
  const odd = endpoint(async (_: Name) => ok(7))
  await using server = await listening(http.server(odd, { decode, encode: encode as never, onTelemetry: () => {} }))
  await using client = http.client({ url: server.url, encode, decode: http.readProtobuf(read) })
  expect(await call(client, { name: 'Ada' })).toMatchObject({
    left: { tag: 'InvalidOutput', message: expect.stringContaining('problem+json') },
  })
  expect(await call(client, 7 as never)).toMatchObject({ left: { _tag: 'Defect' } })
})

it('PB-4: given status 204, or nothing at all, then there is no body', async () => {
  const silent = http.server(greet, {
    decode,
    encode(message, reply) {
      reply.status = 204
      encode(message, reply)
    },
  })
  await using server = await listening(silent)
  const answer = await fetch(server.url, { method: 'POST', body: write({ name: 'Ada' }) as never })
  expect([answer.status, answer.headers.get('content-length'), (await answer.arrayBuffer()).byteLength]).toEqual([
    204,
    null,
    0,
  ])
  const nothing = endpoint(async (_: Name) => ok(undefined))
  await using other = await listening(http.server(nothing, { decode, encode: encode as never }))
  expect((await fetch(other.url, { method: 'POST' })).status).toBe(204)
})

it('given bytes that are no message, another media type, or an answer of another, then it is a typed failure', async () => {
  await using server = await listening(http.server(greet, { decode, encode, media: [media] }))
  const post = async (type: string, body: string) =>
    fetch(server.url, { method: 'POST', headers: { 'content-type': type }, body })
  const malformed = await post(media, 'nonsense')
  expect(await malformed.json()).toMatchObject({ code: 'invalid_argument', detail: 'the body is no such message' })
  expect((await post('application/json', '{}')).status).toBe(415)
  const json = endpoint(async (_: Name) => ok({}))
  await using other = await listening(http.server(json, { decode }))
  await using client = http.client({ url: other.url, encode, decode: http.readProtobuf(read) })
  expect(await call(client, { name: 'Ada' })).toMatchObject({ left: { _tag: 'Remote', tag: 'InvalidOutput' } })
  const broken = endpoint(async (_: Name) => ok({ name: 'x'.repeat(300) }))
  await using cut = await listening(http.server(broken, { decode, encode }))
  await using reader = http.client({ url: cut.url, encode, decode: http.readProtobuf(read) })
  expect(await call(reader, { name: 'Ada' })).toMatchObject({ left: { message: 'the answer is no such message' } })
})
