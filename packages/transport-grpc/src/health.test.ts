// Health and reflection, asked as tools ask them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials, Client as RawClient, type StatusObject } from '@grpc/grpc-js'
import { contract, handler, implement, serverStream, unary } from '@tenon/contract'
import { call, type Outcome, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { describe, expect, it } from 'vitest'
import { healthProto } from './health.ts'
import { grpc, type ServeOptions } from './index.ts'

const Shape = t.union([
  t.strict({ kind: t.literal('dot'), at: t.number }),
  t.strict({ kind: t.literal('line'), to: t.number }),
])
const Orders = contract('shop.v1.Orders', {
  place: unary({
    input: t.intersection([
      t.strict({ sku: t.string, shape: Shape }),
      t.partial({ note: t.string, byId: t.strict({ names: t.record(t.string, Shape) }) }),
    ]),
    output: t.void,
  }),
})
const orders = implement(Orders, { place: handler(Orders.methods.place, async () => ok()) })

const Status = t.keyof({ UNKNOWN: null, SERVING: null, NOT_SERVING: null, SERVICE_UNKNOWN: null })
const Health = contract('grpc.health.v1.Health', {
  check: unary({ input: t.strict({ service: t.string }), output: t.strict({ status: Status }) }),
  watch: serverStream({ input: t.strict({ service: t.string }), output: t.strict({ status: Status }) }),
})

describe('health', () => {
  const raw = async (address: string, service: string): Promise<number | undefined> => {
    const client = new RawClient(address, credentials.createInsecure())
    const request = Buffer.concat([Buffer.from([10, service.length]), Buffer.from(service)])
    try {
      return await new Promise((resolve, reject) =>
        client.makeUnaryRequest(
          '/grpc.health.v1.Health/Check',
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          service === '' ? Buffer.alloc(0) : request,
          (cause, bytes) => (cause === null ? resolve(bytes?.[1]) : reject(cause)),
        ),
      )
    } finally {
      client.close()
    }
  }

  it('given a readiness that changes, when somebody checks, then it is SERVING (1) or NOT_SERVING (2), for the server and each service', async () => {
    let ready: () => boolean = () => true
    await using server = await grpc.serve(orders, { health: { ready: () => ready() }, grace: 0 })
    expect(await raw(server.address, '')).toBe(1)
    expect(await raw(server.address, 'shop.v1.Orders')).toBe(1)
    await expect(raw(server.address, 'shop.v1.Other')).rejects.toMatchObject({ code: 5 })
    ready = () => false
    expect(await raw(server.address, '')).toBe(2)
    ready = () => {
      throw new Error('hunter2')
    }
    expect(await raw(server.address, '')).toBe(2)
  })

  it('given no health, when somebody checks, then it is unimplemented', async () => {
    await using server = await grpc.serve(orders)
    await expect(raw(server.address, '')).rejects.toMatchObject({ code: 12 })
  })

  it('given somebody who watches, when readiness changes and the server drains, then each is told, and watching does not hold the drain', async () => {
    let ready = true
    const server = await grpc.serve(orders, { health: { ready: () => ready } })
    const folder = mkdtempSync(join(tmpdir(), 'health-'))
    const proto = join(folder, 'health.proto')
    writeFileSync(proto, healthProto)
    await using client = grpc.client(Health, { address: server.address, proto, timeout: 'unbounded' })
    rmSync(folder, { recursive: true })
    const answer = await call(client.watch, { service: '' })
    const unknown = await call(client.watch, { service: 'x' })
    const read: Outcome[] = []
    const reading = (async () => {
      if (answer._tag === 'Right') for await (const item of answer.right) read.push(item)
    })()
    if (unknown._tag === 'Right') {
      const first = await unknown.right[Symbol.asyncIterator]().next()
      expect(first.value).toMatchObject({ right: { status: 'SERVICE_UNKNOWN' } })
    }
    const status = (each: string) => ok({ status: each })
    await expect.poll(() => read).toEqual([status('SERVING')])
    ready = false
    await expect.poll(() => read, { timeout: 3_000 }).toEqual([status('SERVING'), status('NOT_SERVING')])
    ready = true
    await expect.poll(() => read.length, { timeout: 3_000 }).toBe(3)
    const start = performance.now()
    await server[Symbol.asyncDispose]()
    await reading
    expect(read.at(-1)).toEqual(status('NOT_SERVING'))
    expect(performance.now() - start).toBeLessThan(2_500)
  })

  it('given a readiness that is no function, when it is to listen, then it is a TypeError', async () => {
    await expect(grpc.serve(orders, { health: { ready: true as never } } as ServeOptions)).rejects.toThrow(
      'health.ready',
    )
  })
})

describe('reflection', () => {
  const protocol = protobuf.parse(`syntax = "proto3"; package grpc.reflection.v1;
    message Request { string file_containing_symbol = 4; string list_services = 7; }
    message Response { Files files = 4; Services services = 6; Failure failure = 7; }
    message Files { repeated bytes file = 1; } message Services { repeated Name service = 1; }
    message Name { string name = 1; } message Failure { int32 code = 1; string message = 2; }`).root
  const request = protocol.lookupType('grpc.reflection.v1.Request')
  const response = protocol.lookupType('grpc.reflection.v1.Response')

  async function ask(address: string, version: string, question: object): Promise<Record<string, unknown>> {
    const client = new RawClient(address, credentials.createInsecure())
    const stream = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    )
    try {
      return await new Promise((resolve, reject) => {
        stream.on('data', (bytes: Buffer) => resolve(response.toObject(response.decode(bytes)) as never))
        stream.on('error', (cause: StatusObject & Error) => reject(cause))
        stream.write(Buffer.from(request.encode(question).finish()))
        stream.end()
      })
    } finally {
      client.close()
    }
  }

  it.each(['v1', 'v1alpha'])('given %s, when a tool asks, then it learns services and their types', async (version) => {
    await using server = await grpc.serve(orders, { reflection: true, health: true, grace: 0 })
    const { services } = (await ask(server.address, version, { listServices: '*' })) as never
    const names = (services as { service: { name: string }[] }).service.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['shop.v1.Orders', 'grpc.health.v1.Health']))
    const { files } = (await ask(server.address, version, { fileContainingSymbol: 'shop.v1.Orders' })) as never
    const protos = (files as { file: Buffer[] }).file.map((bytes) =>
      descriptor.FileDescriptorProto.decode(bytes).toJSON(),
    )
    const own = protos.find((each) => each.package === 'shop.v1') as {
      messageType: { name: string; field: object[]; oneofDecl?: object[] }[]
    }
    const place = own.messageType.find(({ name }) => name === 'PlaceRequest')
    expect(place?.field).toMatchObject([
      { name: 'sku', number: 1 },
      { name: 'shape', number: 2 },
      { name: 'note', number: 3, proto3Optional: true },
      { name: 'by_id', number: 4 },
    ])
    const shape = own.messageType.find(({ name }) => name === 'PlaceRequestShape')
    expect(shape).toMatchObject({
      oneofDecl: [{ name: 'kind' }],
      field: [{ name: 'dot', oneofIndex: 0 }, { name: 'line' }],
    })
    const byId = own.messageType.find(({ name }) => name === 'PlaceRequestById')
    expect(byId).toMatchObject({
      field: [{ typeName: '.shop.v1.PlaceRequestById.NamesEntry' }],
      nestedType: [{ name: 'NamesEntry' }],
    })
    const missing = await ask(server.address, version, { fileContainingSymbol: 'no.Such' })
    expect(missing).toMatchObject({ failure: { code: 5 } })
  })

  it('given no reflection, when a tool asks, then it is unimplemented', async () => {
    await using server = await grpc.serve(orders, { grace: 0 })
    await expect(ask(server.address, 'v1', { listServices: '*' })).rejects.toMatchObject({ code: 12 })
  })
})
