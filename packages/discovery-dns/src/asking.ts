// Asks the servers one after the other until one gives an answer: that there is nothing is one, that it failed is none.
import type { Clock } from '@tenon/endpoint'
import { DnsError } from './dns-error.ts'
import { type Exchange, exchange } from './exchange.ts'
import type { Answer, Question } from './message.ts'
import { type Server, shown } from './servers.ts'

/** Answers a question, or rejects with a {@link DnsError}. */
export type Ask = (question: Question, signal: AbortSignal) => Promise<Answer>

/** How questions are asked. */
export interface AskOptions {
  readonly servers: () => readonly Server[]
  readonly protocol: 'udp' | 'tcp'
  readonly timeout: number
  readonly tries: number
  readonly concurrency: number
  readonly clock: Clock
}

export function asking({ servers, tries, concurrency, ...how }: AskOptions): Ask {
  const enter = doors(concurrency)

  async function ask(question: Question, signal: AbortSignal): Promise<Answer> {
    const all = servers()
    let last = new DnsError('UNREACHABLE', '', 'there is no DNS server to ask')
    for (let round = 0; round < tries; round++)
      for (const server of all) {
        try {
          return decisive(server, question, await asked(question, { ...how, server, signal, extended: true }))
        } catch (error) {
          if (signal.aborted) throw error
          last = error as DnsError
        }
      }
    throw last
  }

  return async (question, signal) => {
    using _ = await enter()
    return await ask(question, signal)
  }
}

/** Servers from before EDNS(0) say that they do not understand: they are asked without it. */
async function asked(question: Question, how: Exchange): Promise<Answer> {
  const answer = await exchange(question, how)
  const old = answer.code === 'FORMERR' || answer.code === 'NOTIMP'
  return old ? exchange(question, { ...how, extended: false }) : answer
}

function decisive(server: Server, { name, type }: Question, answer: Answer): Answer {
  if (answer.code === 'NOERROR' || answer.code === 'NXDOMAIN') return answer
  throw new DnsError(answer.code, shown(server), `${shown(server)} answered ${answer.code} to ${type} ${name}`)
}

/** Lets so many in at once; the others wait in turn. A watch asks for the hosts of one answer, so there is a bound to how many wait. */
function doors(limit: number): () => Promise<Disposable> {
  let inside = 0
  const waiting: (() => void)[] = []
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) inside--
    else next()
  }
  return async () => {
    if (inside < limit) inside++
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return { [Symbol.dispose]: leave }
  }
}
