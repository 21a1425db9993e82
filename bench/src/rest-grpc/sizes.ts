// What a call weighs: the bytes of its messages alone, and all that a connection carries for it, both ways, once it has
// been in use for a while (HTTP/2 sends a header that it has sent before as a byte or two).
import { call, type Endpoint, type Failure } from '@tenon/endpoint'
import { grpc } from '@tenon/transport-grpc'
import { http } from '@tenon/transport-http'
import { proto, ShopOfProto } from '../grpc/definition.ts'
import { meter } from '../harness/meter.ts'
import type { Row } from '../harness/report.ts'
import { summary } from '../harness/statistics.ts'
import { Shop } from '../shop/contract.ts'
import { shop } from '../shop/service.ts'
import { bill, cart, order, place } from '../shop/work.ts'

const used = 20
const counted = 100

interface Weighed {
  readonly subject: string
  /** Bytes, of question and answer together. */
  readonly messages: number
  readonly wire: number
}

type Method = 'place' | 'bill'
const methods: Readonly<Record<string, Method>> = { small: 'place', nested: 'bill' }
const inputs = { place: order, bill: cart }
const answers = { place: await place(order), bill: await bill(cart) }

type Client = Readonly<Record<Method, Endpoint<never, unknown, Failure>>> & AsyncDisposable

async function onTheWire(port: number, method: Method, clientOf: (port: number) => Client): Promise<number> {
  await using between = await meter(`http://127.0.0.1:${port}`)
  await using client = clientOf(Number(new URL(between.url).port))
  const calls = async (times: number): Promise<void> => {
    for (let n = 0; n < times; n++) {
      const outcome = await call(client[method], inputs[method] as never)
      if (outcome._tag === 'Left') throw new Error(outcome.left.message)
    }
  }
  await calls(used)
  const before = between.bytes
  await calls(counted)
  return (between.bytes - before) / counted
}

async function weigh(method: Method): Promise<readonly Weighed[]> {
  await using rest = await http.serve(shop())
  await using rpc = await grpc.serve(shop(), { proto })
  const json = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
  const { requestSerialize, responseSerialize } = ShopOfProto.service[method === 'place' ? 'Place' : 'Bill'] as {
    requestSerialize(value: unknown): Buffer
    responseSerialize(value: unknown): Buffer
  }
  return [
    {
      subject: 'REST, JSON',
      messages: json(inputs[method]) + json(answers[method]),
      wire: await onTheWire(rest.port, method, (port) => http.client(Shop, { url: `http://127.0.0.1:${port}` })),
    },
    {
      subject: 'gRPC, protobuf',
      messages: requestSerialize(inputs[method]).length + responseSerialize(answers[method]).length,
      wire: await onTheWire(rpc.port, method, (port) => grpc.client(Shop, { address: `127.0.0.1:${port}`, proto })),
    },
  ]
}

/** Rows of the sizes of these exchanges. */
export async function sizes(exchanges: readonly { readonly name: string }[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name } of exchanges) {
    const all = await weigh(methods[name] as Method)
    const [first] = all as [Weighed]
    for (const { subject, messages, wire } of all) {
      const about = { case: `size of a call, ${name} message`, subject }
      const ratio = { unit: 'x', params: { against: first.subject } }
      const bytes = { unit: 'B/call', params: { calls: counted } }
      rows.push(
        { ...about, metric: 'messages ratio', ...summary([messages / first.messages]), ...ratio },
        { ...about, metric: 'messages', ...summary([messages]), ...bytes },
        { ...about, metric: 'on the wire ratio', ...summary([wire / first.wire]), ...ratio },
        { ...about, metric: 'on the wire', ...summary([wire]), ...bytes },
      )
    }
  }
  return rows
}
