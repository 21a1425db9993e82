// Somebody who is no attacker: calls a server over NATS all the time, on a kept connection and on new ones.
import { call } from '@tenon/endpoint'
import { nats } from '@tenon/transport-nats'
import { type Connection, generations } from '../../../packages/transport-nats/test/clients.ts'
import { answer } from '../harness/ask.ts'
import { Bystanding } from './bystanding.ts'
import { Echo } from './echo.ts'

const servers = process.argv[2] as string
const text = 'leave it at the door'
const connect = (): Promise<Connection> => (generations[1] as (typeof generations)[number]).connect({ servers })

async function one(connection: Connection): Promise<string | undefined> {
  const outcome = await call(nats.client(Echo, { connection }).say, { text }, { timeout: 20_000 })
  if (outcome._tag === 'Right') return outcome.right.text === text ? undefined : 'another answer'
  const { _tag, tag } = outcome.left as { _tag: string; tag?: string }
  return tag ?? _tag
}

const bystanding = new Bystanding()
const kept = await connect()
void bystanding.work(() => one(kept))
void bystanding.work(async () => {
  const own = await connect()
  const outcome = await one(own)
  await own.close()
  return outcome
})

export type NatsBystanderAnswers = Bystanding['answers']
answer(bystanding.answers)
