// The client that a hostile server answers, in a process of its own; and beside it, in that process, calls to an honest one.
import { call, type Outcome } from '@tenon/endpoint'
import { http } from '@tenon/transport-http'
import { answer } from '../harness/ask.ts'
import { type Measured, Measures } from '../harness/measures.ts'
import { Bystanding } from './bystanding.ts'
import { Shop } from './contract.ts'
import { type State, stateOf } from './state.ts'
import { told } from './told.ts'

/** How calls to the hostile server are made. */
export interface Calling {
  readonly port: number
  readonly times: number
  readonly atOnce: number
  /** Milliseconds that a call may take. */
  readonly timeout: number
  readonly method: 'place' | 'get' | 'flood'
}

/** How they ended: `Remote internal InvalidOutput`, or `answered`. */
export interface Called {
  readonly ends: readonly string[]
  /** Milliseconds of the longest. */
  readonly longest: number
}

const measures = new Measures()
const order = { customer: { id: 'c', name: 'n' }, lines: [{ sku: 'oak', qty: 2, price: 3 }], note: undefined }
const honest = http.client(Shop, { url: `http://127.0.0.1:${process.argv[2]}` })
const bystanding = new Bystanding()
void bystanding.work(async () => {
  const outcome = await call(honest.place, order)
  return outcome._tag === 'Right' && outcome.right.total === 6 ? undefined : nameOf(outcome)
})

function nameOf(outcome: Outcome): string {
  if (outcome._tag === 'Right') return 'answered'
  const { _tag, code, tag } = outcome.left as { _tag: string; code: string; tag?: string }
  return [_tag, code, tag].filter((part) => part !== undefined).join(' ')
}

const answers = {
  ...bystanding.answers,
  begin: (): Promise<void> => measures.begin(),
  end: (): Promise<Measured> => measures.end(),
  state: (): State => stateOf(0),
  told,
  async call({ port, times, atOnce, timeout, method }: Calling): Promise<Called> {
    await using client = http.client(Shop, { url: `http://127.0.0.1:${port}`, timeout, connections: atOnce })
    const ends: string[] = []
    let longest = 0
    let left = times
    const one = async (): Promise<Outcome> => {
      if (method === 'place') return await call(client.place, order)
      if (method === 'get') return await call(client.get, { id: '1' })
      const opened = await call(client.flood, { kb: 1 }, { timeout })
      if (opened._tag === 'Left') return opened
      for await (const item of opened.right) if (item._tag === 'Left') return item
      return opened
    }
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const start = performance.now()
        ends.push(nameOf(await one()))
        longest = Math.max(longest, performance.now() - start)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return { ends, longest }
  },
}
export type ClientAnswers = typeof answers
answer(answers)
