// The transports, with somebody who listens wherever one may.
import type { AnyContract, Implementation } from '@tenon/contract'
import { grpc } from '@tenon/transport-grpc'
import { http, jsonrpc } from '@tenon/transport-http'
import { wire as link, memory } from '@tenon/transport-memory'
import { nats } from '@tenon/transport-nats'
import { bodyOf, type Connection, generations, header } from '../../packages/transport-nats/test/clients.ts'
import type { Listening } from './listening.ts'

export interface Serving extends AsyncDisposable {
  client(contract: AnyContract): object
  /** Ends the server; its clients find nobody there. */
  stop(): Promise<void>
  /** Sends this text as the input of `seal`, and answers what came back; absent where an input is no text. */
  raw?(text: string): Promise<string>
}

export interface Wire {
  readonly name: string
  readonly streams: boolean
  /** Its messages have types of their own: what does not fit them cannot be sent. */
  readonly typed: boolean
  /** Who hears of a call that fails, beside its caller, the log, the metrics and telemetry. */
  readonly hooks: readonly string[]
  serve(implementation: Implementation, listening: Listening): Promise<Serving>
}

type Any = never

const closing = async (all: readonly Partial<AsyncDisposable>[]): Promise<void> => {
  for (const one of all) await one[Symbol.asyncDispose]?.()
}

function serving(
  server: AsyncDisposable,
  connect: (contract: AnyContract) => object,
  raw?: (text: string) => Promise<string>,
): Serving {
  const clients: Partial<AsyncDisposable>[] = []
  return {
    client(contract) {
      const client = connect(contract)
      clients.push(client)
      return client
    },
    stop: () => closing([server]),
    ...(raw && { raw }),
    [Symbol.asyncDispose]: () => closing([...clients, server]),
  }
}

const post = (url: string) => async (body: string) => {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return JSON.stringify([answer.status, ...answer.headers, await answer.text()])
}

/** What the failed call was answered with, as it came. */
const answered =
  ({ tell }: Listening, failed: (answer: Any) => boolean, show: (answer: Any) => readonly unknown[]) =>
  (_: unknown, answer: unknown): void => {
    if (failed(answer as Any)) tell('answer', ...show(answer as Any))
  }

const overMemory: Wire = {
  name: 'memory',
  streams: true,
  typed: false,
  hooks: [],
  async serve(implementation, { onTelemetry }) {
    const wire = link('secrets')
    const server = await memory.serve(implementation, { wire, onTelemetry })
    return serving(server, (contract) => memory.client(contract, { wire }))
  },
}

interface HttpAnswer {
  readonly status: number
  readonly headers: object
  readonly body: Buffer
}

const overHttp = (name: string, proxied: boolean): Wire => ({
  name,
  streams: true,
  typed: false,
  hooks: ['afterError', 'answer', 'client finalize', 'finalize', 'onError'],
  async serve(implementation, listening) {
    const { onTelemetry, onError, afterError, ended } = listening
    const heard = { onTelemetry, onError, afterError, finalize: ended('finalize') }
    const server = await http.serve(implementation, heard)
    const proxy = proxied ? http.proxy({ url: server.url, ...heard }) : undefined
    const front = proxy && (await http.serve([], { routes: { '* /*': proxy }, ...heard }))
    const { url } = front ?? server
    const connect = (contract: AnyContract): object =>
      http.client(contract, {
        url,
        finalize: ended('client finalize'),
        after: answered(
          listening,
          ({ status }: HttpAnswer) => status >= 400,
          ({ status, headers, body }: HttpAnswer) => [status, headers, body.toString()],
        ),
      })
    const both: AsyncDisposable = { [Symbol.asyncDispose]: () => closing([front ?? {}, proxy ?? {}, server]) }
    const serves = serving(both, connect, post(`${url}/${implementation.contract.name}/seal`))
    // What a proxy says of a target that is gone is heard, too.
    return proxy === undefined ? serves : { ...serves, stop: () => closing([server]) }
  },
})

const overJsonRpc: Wire = {
  name: 'json-rpc',
  streams: false,
  typed: false,
  hooks: ['afterError', 'answer', 'client finalize', 'finalize', 'onError'],
  async serve(implementation, listening) {
    const { onTelemetry, onError, afterError, ended } = listening
    const listener = jsonrpc.server(implementation, { onTelemetry, onError, afterError, finalize: ended('finalize') })
    const server = await http.serve([], { onTelemetry, onError, routes: { 'POST /rpc': listener } })
    const failed = ({ body }: HttpAnswer): boolean => body.includes('"error"')
    const url = `${server.url}/rpc`
    const connect = (contract: AnyContract): object =>
      jsonrpc.client(contract, {
        url,
        onTelemetry,
        finalize: ended('client finalize'),
        after: answered(listening, failed, ({ headers, body }: HttpAnswer) => [headers, body.toString()]),
      })
    const send = post(url)
    const method = `${implementation.contract.name}/seal`
    return serving(server, connect, (text) => send(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":${text}}`))
  },
}

const overGrpc: Wire = {
  name: 'grpc',
  streams: true,
  typed: true,
  hooks: ['answer', 'client finalize', 'finalize', 'onError'],
  async serve(implementation, listening) {
    const { onTelemetry, onError, ended } = listening
    const server = await grpc.serve(implementation, {
      onTelemetry,
      onError,
      after: ended('after'),
      finalize: ended('finalize'),
    })
    type Answer = { code: number; headers?: { getMap(): object }; trailers: { getMap(): object } }
    const texts = (metadata: { getMap(): object } | undefined): string =>
      Object.entries(metadata?.getMap() ?? {})
        .map(([name, value]) => `${name}: ${value instanceof Buffer ? value.toString('latin1') : String(value)}`)
        .join(', ')
    return serving(server, (contract) =>
      grpc.client(contract, {
        address: server.address,
        finalize: ended('client finalize'),
        after: answered(
          listening,
          ({ code }: Answer) => code !== 0,
          ({ headers, trailers }: Answer) => [texts(headers), texts(trailers)],
        ),
      }),
    )
  },
}

let servers = 0

const overNats = (connect: () => Promise<Connection>): Wire => ({
  name: 'nats',
  streams: true,
  typed: false,
  hooks: ['afterError', 'answer', 'client finalize', 'finalize', 'onError'],
  async serve(implementation, listening) {
    const { onTelemetry, onError, afterError, ended } = listening
    const prefix = `secrets.${process.pid}.${++servers}`
    const [ours, theirs] = await Promise.all([connect(), connect()])
    const server = await nats.serve(implementation, {
      connection: ours,
      prefix,
      onTelemetry,
      onError,
      afterError,
      finalize: ended('finalize'),
    })
    type Answer = { headers: Iterable<unknown>; body: Uint8Array }
    const connected = (contract: AnyContract): object =>
      nats.client(contract, {
        connection: theirs,
        prefix,
        onTelemetry,
        finalize: ended('client finalize'),
        after: answered(
          listening,
          ({ headers }: Answer) => JSON.stringify([...headers]).includes('rror'),
          ({ headers, body }: Answer) => [[...headers], Buffer.from(body).toString()],
        ),
      })
    const serves = serving(server, connected, async (text) => {
      const answer = await theirs.request(`${prefix}.${implementation.contract.name}.seal`, text, { timeout: 2_000 })
      return `${header(answer, 'Nats-Service-Error')} ${bodyOf(answer)}`
    })
    return {
      ...serves,
      async [Symbol.asyncDispose]() {
        await serves[Symbol.asyncDispose]()
        await Promise.all([ours.close(), theirs.close()])
      },
    }
  },
})

/** Those that stand on this machine; `server`: where a NATS server listens. */
export function wires(server: string | undefined): readonly Wire[] {
  const [, newer] = generations
  return [
    overMemory,
    overHttp('http', false),
    overHttp('http, proxied', true),
    overJsonRpc,
    overGrpc,
    ...(server === undefined || newer === undefined ? [] : [overNats(() => newer.connect({ servers: server }))]),
  ]
}
