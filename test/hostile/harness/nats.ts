// A stranger on a NATS server: the protocol by hand, so that every byte is the stranger's own.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { pass } from './wire.ts'

/** What came. */
export interface Message {
  readonly subject: string
  readonly reply: string | undefined
  /** As they came, `''` where there were none. */
  readonly headers: string
  readonly body: Buffer
}

/** What is sent beside a body. */
export interface More {
  readonly reply?: string
  /** By name, or as bytes: a block of headers that may be none. */
  readonly headers?: Readonly<Record<string, string>> | string
}

export interface Stranger {
  readonly socket: Socket
  /** Errors that the NATS server told, in its words. */
  readonly errors: readonly string[]
  readonly closed: boolean
  send(subject: string, body?: string | Uint8Array, more?: More): void
  /** Sends bytes as they are. */
  raw(bytes: string | Uint8Array): void
  /** Hears of a subject. */
  hear(subject: string, take: (message: Message) => void, queue?: string): void
  /** A subject of its own, and what comes there. */
  inbox(take: (message: Message) => void): string
  /** Asks, and waits for one answer; `undefined` where none comes in time. */
  ask(subject: string, body?: string | Uint8Array, more?: More, ms?: number): Promise<Message | undefined>
  /** Resolves when the NATS server has taken all that was sent before. */
  flush(): Promise<void>
  close(): void
}

export const base = 'hostile.v1.Echo'
export const events = 'hostile.v1.Orders.events.placed'

const block = (headers: More['headers']): Buffer | undefined => {
  if (headers === undefined) return undefined
  if (typeof headers === 'string') return Buffer.from(headers, 'latin1')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`NATS/1.0\r\n${lines.join('')}\r\n`, 'latin1')
}

/** One header of a message. */
export const headerOf = ({ headers }: Message, name: string): string | undefined =>
  new RegExp(`^${name}: (.*?)\\r$`, 'im').exec(headers)?.[1]

/** The whole of a message as the protocol has it. */
export function published(subject: string, body: string | Uint8Array = '', { reply = '', headers }: More = {}): Buffer {
  const bytes = Buffer.from(body as string)
  const lines = block(headers)
  const to = reply === '' ? subject : `${subject} ${reply}`
  const command =
    lines === undefined
      ? `PUB ${to} ${bytes.length}\r\n`
      : `HPUB ${to} ${lines.length} ${lines.length + bytes.length}\r\n`
  return Buffer.concat([Buffer.from(command, 'latin1'), lines ?? Buffer.alloc(0), bytes, Buffer.from('\r\n')])
}

/** Connects as anybody may. */
export async function stranger(port: number): Promise<Stranger> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const errors: string[] = []
  const takes = new Map<string, (message: Message) => void>()
  const own = `_INBOX.${randomUUID().replaceAll('-', '')}`
  const waiting = new Map<string, (message: Message) => void>()
  const pongs: (() => void)[] = []
  let closed = false
  let rest: Buffer = Buffer.alloc(0)
  let subscriptions = 0
  let inboxes = 0
  const end = (): void => {
    closed = true
    for (const pong of pongs.splice(0)) pong()
  }
  socket.on('error', end).on('close', end)
  const raw = (bytes: string | Uint8Array): void => {
    if (!closed) socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }
  /** Takes one thing from the front; `false` where it has not come as a whole. */
  const step = (): boolean => {
    const at = rest.indexOf('\r\n')
    if (at < 0) return false
    const words = rest.subarray(0, at).toString('latin1').split(' ')
    const verb = words[0]
    let next = at + 2
    if (verb === 'MSG' || verb === 'HMSG') {
      const total = Number(words.at(-1))
      if (rest.length < next + total + 2) return false
      const head = verb === 'HMSG' ? Number(words.at(-2)) : 0
      const most = verb === 'HMSG' ? 6 : 5
      const message: Message = {
        subject: words[1] as string,
        reply: words.length === most ? words[3] : undefined,
        headers: rest.subarray(next, next + head).toString('latin1'),
        body: Buffer.from(rest.subarray(next + head, next + total)),
      }
      next += total + 2
      takes.get(words[2] as string)?.(message)
    } else if (verb === 'PING') raw('PONG\r\n')
    else if (verb === 'PONG') pongs.shift()?.()
    else if (verb === '-ERR') errors.push(words.slice(1).join(' '))
    rest = rest.subarray(next)
    return true
  }
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (step());
  })
  const hear: Stranger['hear'] = (subject, take, queue) => {
    const sid = String(++subscriptions)
    takes.set(sid, take)
    raw(`SUB ${subject} ${queue === undefined ? '' : `${queue} `}${sid}\r\n`)
  }
  const flush = (): Promise<void> =>
    new Promise((resolve) => {
      if (closed) return resolve()
      pongs.push(resolve)
      raw('PING\r\n')
    })
  const send: Stranger['send'] = (subject, body, more) => raw(published(subject, body, more))
  const inbox: Stranger['inbox'] = (take) => {
    const subject = `${own}.${++inboxes}`
    waiting.set(subject, take)
    return subject
  }
  raw('CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"protocol":1}\r\n')
  hear(`${own}.*`, (message) => waiting.get(message.subject)?.(message))
  await flush()
  return {
    socket,
    errors,
    get closed() {
      return closed
    },
    send,
    raw,
    hear,
    inbox,
    async ask(subject, body, more, ms = 15_000) {
      const answer = Promise.withResolvers<Message | undefined>()
      const reply = inbox(answer.resolve)
      const timer = setTimeout(() => answer.resolve(undefined), ms)
      send(subject, body, { ...more, reply })
      const message = await answer.promise
      clearTimeout(timer)
      waiting.delete(reply)
      return message
    },
    flush,
    close: () => socket.destroy(),
  }
}

/** What an answer says: `answered`, or the tag or code of its failure. */
export function saidBy(message: Message | undefined): string {
  if (message === undefined) return 'no answer'
  if (/^NATS\/1\.0 503/.test(message.headers)) return 'nobody there'
  if (headerOf(message, 'Nats-Service-Error-Code') === undefined) return 'answered'
  const { code, tag } = JSON.parse(message.body.toString() || '{}') as { code?: string; tag?: string }
  return tag ?? code ?? 'a failure'
}

/** Waits until it is so; throws where it is not in time. */
export async function until(what: string, so: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const late = performance.now() + ms
  while (!(await so())) {
    if (performance.now() > late) throw new Error(`must see ${what} within ${ms} ms`)
    await pass(10)
  }
}
