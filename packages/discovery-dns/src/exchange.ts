// One question to one server: over UDP, and over TCP when the answer does not fit. Sockets are closed whatever happens.
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '@tenon/endpoint'
import { DnsError } from './dns-error.ts'
import { type Answer, answers, decodeAnswer, encodeQuestion, type Question } from './message.ts'
import { type Server, shown } from './servers.ts'

/** How to ask. */
export interface Exchange {
  readonly server: Server
  readonly protocol: 'udp' | 'tcp'
  /** Does the server take EDNS(0)? */
  readonly extended: boolean
  /** Milliseconds. */
  readonly timeout: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What both ways do: make a socket, tell what comes, and whether nothing else can come. Answers what closes it. */
type Way = (
  query: Buffer,
  tell: { readonly answer: (bytes: Buffer, only?: boolean) => void; readonly lost: (cause: unknown) => void },
) => () => void

/** The answer. Rejects with a {@link DnsError} when none came in time, or none that answers this question. */
export async function exchange(question: Question, how: Exchange): Promise<Answer> {
  const answer = await once(question, how, how.protocol === 'udp' ? overUdp(how.server) : overTcp(how.server))
  return answer.truncated && how.protocol === 'udp' ? once(question, how, overTcp(how.server)) : answer
}

function once(question: Question, { server, extended, timeout, clock, signal }: Exchange, way: Way): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const at = shown(server)
    const unwanted = () => new DnsError('CANCELLED', at, 'nobody waits for the answer any more')
    // Of many that waited for their turn, all may be unwanted at once: no socket is opened for them.
    if (signal.aborted) return reject(unwanted())
    // A number that nobody can guess, from a port that nobody can guess: what a forged answer would have to know.
    const id = randomInt(0x1_0000)
    let strange: unknown
    const end = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', gone)
      close()
    }
    const failed = (code: string, message: string, cause?: unknown): void => {
      end()
      reject(new DnsError(code, at, message, cause))
    }
    const gone = (): void => {
      end()
      reject(unwanted())
    }
    const timer = clock.at(clock.now() + timeout, () =>
      strange === undefined
        ? failed('TIMEOUT', `${at} did not answer within ${timeout} ms`)
        : failed('MALFORMED', `${at} sent nothing that answers within ${timeout} ms`, strange),
    )
    signal.addEventListener('abort', gone)
    const close = way(encodeQuestion(id, question, extended), {
      answer(bytes, only) {
        try {
          const answer = decodeAnswer(bytes)
          if (!answers(answer, id, question)) throw new RangeError('it answers another question')
          end()
          resolve(answer)
        } catch (cause) {
          // A datagram may be forged, and the true one still to come.
          if (only) failed('MALFORMED', `${at} sent what is no answer`, cause)
          else strange = cause
        }
      },
      lost: (cause) => failed('UNREACHABLE', `${at} cannot be asked: ${reasonOf(cause)}`, cause),
    })
  })
}

const reasonOf = (cause: unknown): string =>
  cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause)

const overUdp =
  ({ host, port }: Server): Way =>
  (query, { answer, lost }) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    socket.on('error', lost)
    socket.on('message', answer)
    // A connected socket hears of nobody else, and learns when nobody is there.
    socket.connect(port, host, () => socket.send(query))
    return () => socket.close()
  }

const overTcp =
  ({ host, port }: Server): Way =>
  (query, { answer, lost }) => {
    const socket = connect({ host, port })
    let received: Buffer = Buffer.alloc(0)
    socket.on('error', lost)
    socket.on('end', () => lost(new Error('it hung up')))
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      // At most 64 KiB, by the length itself.
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
        answer(received.subarray(2, 2 + received.readUInt16BE(0)), true)
    })
    const length = Buffer.alloc(2)
    length.writeUInt16BE(query.length)
    socket.write(Buffer.concat([length, query]))
    return () => socket.destroy()
  }
