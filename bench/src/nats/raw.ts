// The clients of NATS as they are: a subscription in a queue group, JSON, checks of every field.
import type { Place, Served } from '../load/parts.ts'
import { type Checked, cartOf, orderOf } from '../shop/checks.ts'
import { bill, place } from '../shop/work.ts'
import { type Connect, nats2, nats3 } from './connections.ts'
import { subjectOf } from './exchanges.ts'

interface Message {
  readonly data: Uint8Array
  respond(body: string): boolean
}

function answering<A, B>(check: (body: unknown) => Checked<A>, work: (input: A) => Promise<B>) {
  return (cause: Error | null, message: Message): void => {
    if (cause !== null) return
    let body: unknown
    try {
      body = JSON.parse(Buffer.from(message.data).toString())
    } catch {
      message.respond('{"error":"no JSON"}')
      return
    }
    const checked = check(body)
    if ('wrong' in checked) message.respond(`{"error":"bad ${checked.wrong}"}`)
    else
      work(checked.value).then(
        (value) => message.respond(JSON.stringify(value)),
        () => message.respond('{"error":"a bug"}'),
      )
  }
}

const serving =
  (connect: Connect) =>
  async ({ subject, broker }: Place): Promise<Served> => {
    const connection = await connect(broker)
    connection.subscribe(subjectOf(subject, 'place'), { queue: 'shop', callback: answering(orderOf, place) })
    connection.subscribe(subjectOf(subject, 'bill'), { queue: 'shop', callback: answering(cartOf, bill) })
    await connection.flush()
    return { port: broker as number }
  }

export const rawNats2 = serving(nats2)
export const rawNats3 = serving(nats3)
