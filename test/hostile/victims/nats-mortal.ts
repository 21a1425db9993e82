// A consumer whose process dies of an event, as one does that runs out of memory.
import { handler } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import { nats } from '@tenon/transport-nats'
import { generations } from '../../../packages/transport-nats/test/clients.ts'
import { answer } from '../harness/ask.ts'
import { Orders } from './echo.ts'
import { tell, told } from './told.ts'

const connection = await (generations[1] as (typeof generations)[number]).connect({
  servers: process.argv[2] as string,
})
const handled: string[] = []
const placed = handler(Orders.methods.placed, async ({ id, act }) => {
  if (act === 'die') process.kill(process.pid, 'SIGKILL')
  handled.push(id)
  return ok()
})
await nats.consume(
  Orders,
  { placed },
  { connection, prefix: 'mortal', durable: 'mortal', deliveries: 1, ackWait: 500, onTelemetry: tell },
)

const answers = { handled: (): readonly string[] => handled, told }
export type MortalAnswers = typeof answers
answer(answers)
