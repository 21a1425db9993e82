// gRPC with a second implementation as a server, Connect and its own protobuf, of the types that reflection tells.
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { DescService } from '@bufbuild/protobuf'
import { StructSchema } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { call, fail, ok } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { details } from './descriptors.ts'
import { Enough, each, Flows, flows } from './flows.ts'
import { asked } from './reflected.ts'
import { EmptyText, Quota, Strings, strings, values } from './strings.ts'

describe('Connect as a server', () => {
  let stop: () => Promise<void>
  let address: string
  const heard: string[] = []
  beforeAll(async () => {
    // Only to learn the types: what is served here is Connect's.
    await using ours = await grpc.serve([strings().impl, flows()], { reflection: true, grace: 0 })
    const { registry, session } = await asked(ours.address)
    session.abort()
    const info = (reason: string) => ({ desc: details.errorInfo, value: { reason, domain: 'connect' } })
    const routes = connectNodeAdapter({
      routes: (router) => {
        router.service(
          registry.getService('interop.v1.Strings') as DescService,
          {
            uppercase: ({ s }: { s: string }, context: HandlerContext) => {
              if (s === '!quota')
                throw new ConnectError('quota', Code.ResourceExhausted, undefined, [
                  info('Quota'),
                  { desc: details.retryInfo, value: { retryDelay: { seconds: 3n, nanos: 0 } } },
                ])
              if (s === '')
                throw new ConnectError('empty', Code.InvalidArgument, undefined, [
                  info('EmptyText'),
                  { desc: StructSchema, value: { fields: { field: { kind: { case: 'stringValue', value: 's' } } } } },
                ])
              return { v: s.toUpperCase(), requestId: context.requestHeader.get('x-request-id') ?? '' }
            },
            slow: async (_: unknown, context: HandlerContext) => {
              heard.push(`${Math.round(context.timeoutMs() ?? 0)}`)
              await new Promise((resolve) => context.signal.addEventListener('abort', resolve))
              heard.push('aborted')
              return { hasDeadline: true, remainingMs: 0n }
            },
          } as never,
        )
        router.service(
          registry.getService('interop.v1.Flows') as DescService,
          {
            count: async function* ({ to }: { to: bigint }) {
              for (let n = 1n; n <= to; n++) yield { text: `item ${n}`, n }
              throw new ConnectError('enough', Code.OutOfRange, undefined, [
                info('Enough'),
                { desc: StructSchema, value: { fields: { at: { kind: { case: 'numberValue', value: 7 } } } } },
              ])
            },
            join: async (items: AsyncIterable<{ text: string; n: bigint }>) => {
              const all = { text: '', n: 0n }
              for await (const { text, n } of items) {
                all.text += text
                all.n += n
              }
              return all
            },
            echo: async function* (items: AsyncIterable<{ text: string; n: bigint }>) {
              for await (const { text, n } of items) yield { text: text.toUpperCase(), n }
            },
          } as never,
        )
      },
    })
    const server = createServer(routes)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`
    stop = () => new Promise((resolve) => server.close(() => resolve()))
  })
  afterAll(() => stop())

  it('given values, metadata and failures with details, then all are typed', async () => {
    await using client = grpc.client(Strings, { address })
    const metadata = { 'x-request-id': 'r-3' }
    expect(await call(client.uppercase, { s: 'ü' }, { metadata })).toEqual(ok({ v: 'Ü', requestId: 'r-3' }))
    expect(await call(client.uppercase, { s: '!quota' })).toEqual(fail(Quota({ retryAfter: 3_000, message: 'quota' })))
    expect(await call(client.uppercase, { s: '' })).toEqual(fail(EmptyText({ field: 's', message: 'empty' })))
    expect(await call(client.change, values)).toMatchObject({ left: { _tag: 'Remote', code: 'unimplemented' } })
  })

  it('given a deadline, then the other side has it, and is told when it has passed', async () => {
    await using client = grpc.client(Strings, { address })
    const late = await call(client.slow, { sleepMs: 0 as never }, { timeout: 200 })
    expect(late).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    await expect.poll(() => heard).toHaveLength(2)
    expect(Number(heard[0])).toBeGreaterThan(0)
    expect(Number(heard[0])).toBeLessThanOrEqual(200)
  })

  it('given streams in every direction, then items arrive in order, and a failure is the last of them', async () => {
    await using client = grpc.client(Flows, { address })
    const items = (...all: readonly [string, number][]) => all.map(([text, n]) => ok({ text, n: n as never }))
    const counted: unknown[] = []
    const opened = await call(client.count, { to: 2 as never })
    if (opened._tag === 'Right') for await (const item of opened.right) counted.push(item)
    expect(counted).toEqual([
      ...items(['item 1', 1], ['item 2', 2]),
      fail(Enough({ at: 7 as never, message: 'enough' })),
    ])
    expect(await call(client.join, each(...items(['a', 1], ['b', 2])) as never)).toEqual(ok({ text: 'ab', n: 3 }))
    const echoed: unknown[] = []
    const both = await call(client.echo, each(...items(['x', 1], ['y', 2])) as never)
    if (both._tag === 'Right') for await (const item of both.right) echoed.push(item)
    expect(echoed).toEqual(items(['X', 1], ['Y', 2]))
  })
})
