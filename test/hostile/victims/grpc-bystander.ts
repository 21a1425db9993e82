// Somebody who is no attacker: calls a gRPC server all the time, on a kept connection and on new ones.
import { answer } from '../harness/ask.ts'
import { asked, framed, paths, session, text } from '../harness/grpc.ts'
import { Bystanding } from './bystanding.ts'

/** Milliseconds until a call is given up. */
const patience = 20_000
const port = Number(process.argv[2])
const message = framed(text('leave it at the door'))

/** One call; `undefined` where it was answered as it should be. */
async function one(own: ReturnType<typeof session>): Promise<string | undefined> {
  const { end, body } = await asked(own, paths.say, message, {}, patience)
  return end !== 'OK' ? end : body.equals(message) ? undefined : 'another answer'
}

const bystanding = new Bystanding()
let kept = session(port)
void bystanding.work(() => {
  if (kept.closed || kept.destroyed) kept = session(port)
  return one(kept)
})
void bystanding.work(async () => {
  const own = session(port)
  const outcome = await one(own)
  own.destroy()
  return outcome
})

export type GrpcBystanderAnswers = Bystanding['answers']
answer(bystanding.answers)
