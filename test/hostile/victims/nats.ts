// The server on NATS that is attacked, and a consumer of events beside it, in a process of their own.
import { handler } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { exponential } from '@tenon/policy'
import { nats, type ServerLimits } from '@tenon/transport-nats'
import { generations } from '../../../packages/transport-nats/test/clients.ts'
import { answer } from '../harness/ask.ts'
import { type Measured, Measures, memory } from '../harness/measures.ts'
import { echo, Orders } from './echo.ts'
import { type State, stateOf } from './state.ts'
import { hears, tell, told } from './told.ts'

interface Given {
  readonly limits: ServerLimits
  readonly generation: 2 | 3
  readonly url: string
}
const { limits, generation, url } = JSON.parse(process.argv[2] as string) as Given
const measures = new Measures()
const connection = await (generation === 2 ? generations[0] : generations[1])?.connect({ servers: url })
if (connection === undefined) throw new Error('there is no such generation')
const server = await nats.serve(echo, { connection, limits, grace: 100, onTelemetry: tell, onError: hears })

let handled: string[] = []
let most = 0
const placed = handler(Orders.methods.placed, async ({ id, act }, ctx) => {
  most = Math.max(most, consuming.inFlight)
  if (act === 'throw') throw new Error('provoked')
  if (act === 'linger') await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
  if (act === 'keep') handled.push(id)
  return ok()
})
const consuming = await nats.consume(
  Orders,
  { placed },
  {
    connection,
    durable: 'mail',
    deliveries: 3,
    timeout: 1_000,
    backoff: exponential({ from: 20, to: 100 }),
    onTelemetry: tell,
  },
)

const answers = {
  ready: (): boolean => !connection.isClosed(),
  begin: (): Promise<void> => measures.begin(),
  end: (): Promise<Measured> => measures.end(),
  state: (): State => stateOf(server.inFlight + consuming.inFlight),
  told,
  memory: async (): Promise<number> => (await memory()).heap,
  inFlight: (): number => server.inFlight,
  /** Events that were handled since the last time this was asked, and how many were held at the most. */
  handled: (): { readonly ids: readonly string[]; readonly most: number } => {
    const answer = { ids: handled, most }
    handled = []
    most = 0
    return answer
  },
}
export type NatsAnswers = typeof answers
answer(answers)
