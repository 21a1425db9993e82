// A small authoritative DNS server on loopback, over UDP and TCP, for what real ones do not say when a test wants it. It speaks
// with a codec that is not ours.
import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet'

/** What the server says to a question; a function is asked each time. */
export interface Reply {
  readonly answers?: readonly Answer[]
  readonly additionals?: readonly Answer[]
  readonly authorities?: readonly Answer[]
  /** 0 is no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly code?: number
  /** Over UDP it says only that there is more. */
  readonly truncated?: boolean
  /** It says nothing at all. */
  readonly silent?: boolean
  /** It says this. */
  readonly raw?: (query: Buffer) => Buffer
}

export interface Asked {
  readonly name: string
  readonly type: string
  readonly over: 'udp' | 'tcp'
  readonly extended: boolean
}

export interface DnsServer extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  readonly at: string
  /** What was asked, in order. */
  readonly asked: Asked[]
  /** By `NAME TYPE`; what is not there does not exist. */
  readonly zone: Map<string, Reply | ((asked: Asked) => Reply)>
}

export const srv = (
  name: string,
  target: string,
  port: number,
  { priority = 1, weight = 1, ttl = 60 }: { priority?: number; weight?: number; ttl?: number } = {},
): Answer => ({ type: 'SRV', name, ttl, data: { priority, weight, port, target } })
export const a = (name: string, address: string, ttl = 60): Answer => ({ type: 'A', name, ttl, data: address })
export const aaaa = (name: string, address: string, ttl = 60): Answer => ({ type: 'AAAA', name, ttl, data: address })
export const alias = (name: string, target: string, ttl = 60): Answer => ({ type: 'CNAME', name, ttl, data: target })
export const soa = (name: string, minimum: number, ttl = 3600): Answer => ({
  type: 'SOA',
  name,
  ttl,
  data: { mname: `ns.${name}`, rname: `admin.${name}`, serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
})

export async function dnsServer(): Promise<DnsServer> {
  const asked: Asked[] = []
  const zone: DnsServer['zone'] = new Map()

  function reply(query: Buffer, over: Asked['over']): Buffer | undefined {
    const { id = 0, questions: [question] = [], additionals = [] } = decode(query)
    if (question === undefined) throw new Error('a query without a question')
    const { name, type } = question
    const what = { name, type, over, extended: additionals.some((one) => one.type === 'OPT') }
    asked.push(what)
    const found = zone.get(`${name} ${type}`) ?? { code: 3 }
    const said = typeof found === 'function' ? found(what) : found
    if (said.silent) return undefined
    if (said.raw) return said.raw(query)
    const cut = said.truncated === true && over === 'udp'
    const packet: Packet = {
      type: 'response',
      id,
      flags: AUTHORITATIVE_ANSWER | (said.code ?? 0) | (cut ? TRUNCATED_RESPONSE : 0),
      questions: [question],
      answers: cut ? [] : [...(said.answers ?? [])],
      authorities: [...(said.authorities ?? [])],
      additionals: cut ? [] : [...(said.additionals ?? [])],
    }
    return encode(packet)
  }

  const sockets = new Set<Socket>()
  const tcp = createServer((socket) => {
    sockets.add(socket)
    let received: Buffer = Buffer.alloc(0)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const answer = reply(received.subarray(2), 'tcp')
      if (answer === undefined) return
      const length = Buffer.alloc(2)
      length.writeUInt16BE(answer.length)
      // In two pieces, as a network may do.
      socket.write(Buffer.concat([length, answer.subarray(0, 5)]))
      setImmediate(() => socket.write(answer.subarray(5)))
    })
  })
  const udp = createSocket('udp4')
  udp.on('message', (query, from) => {
    const answer = reply(query, 'udp')
    if (answer !== undefined) udp.send(answer, from.port, from.address)
  })
  const port = await bound(tcp, udp)
  return {
    at: `127.0.0.1:${port}`,
    asked,
    zone,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => udp.close(done))])
    },
  }
}

/** The same port for both: one that TCP got may be taken for UDP by somebody else. */
async function bound(tcp: ReturnType<typeof createServer>, udp: ReturnType<typeof createSocket>): Promise<number> {
  for (;;) {
    await new Promise<void>((done) => tcp.listen(0, '127.0.0.1', done))
    const { port } = tcp.address() as AddressInfo
    const free = await new Promise<boolean>((done) => {
      udp.once('error', () => done(false))
      udp.bind(port, '127.0.0.1', () => done(true))
    })
    if (free) return port
    await new Promise((done) => tcp.close(done))
  }
}
