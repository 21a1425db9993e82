// NATS, on the wire of Go kit's stringsvc4: each method at a subject of its own, JSON as over HTTP. Subscribers do the
// work and share a queue group, so that each call is one's of them; publishers ask for it. Either may be a Go program.
import { decodeCallFailed, remote } from '@tenon/contract'
import { type Endpoint, type Failure, fail, ok, withMethod } from '@tenon/endpoint'
import { type ClientResponse, type NatsConnection, nats } from '@tenon/transport-nats'
import * as t from 'io-ts'
import { type StringEndpoints, Strings, type Text } from './contract.ts'
import { json } from './gokit.ts'
import { EmptyString } from './service.ts'
import { LooseText, strictly } from './transport.ts'

/** Serves both methods. What it answers is drained when no more work is to be taken. */
export const subscribers = ({ uppercase, count }: StringEndpoints, connection: NatsConnection) =>
  Promise.all([subscriber('uppercase', uppercase, connection), subscriber('count', count, connection)])

const subscriber = <O extends object>(
  name: string,
  rpc: Endpoint<t.TypeOf<typeof Text>, O, Failure>,
  connection: NatsConnection,
) =>
  nats.server(strictly(rpc), {
    connection,
    subject: `stringsvc.${name}`,
    queue: 'stringsvc',
    decode: nats.decodeJsonAs(LooseText, { unknownKeys: 'strip' }),
    encode(output, reply) {
      reply.body = json(output)
    },
    // In Go kit an error is a reply like any other, and a caller who does not look for `err` takes it for a success. The
    // body is the same here; but headers, which no Go program minds, say that it is a failure.
    encodeError(failure, reply) {
      reply.body = json(EmptyString.is(failure) ? { v: '', err: failure.message } : { err: failure.message })
    },
  })

/** Both methods, done by whoever subscribes: at once `Unavailable` where nobody does. Dispose it. */
export function publishers(connection: NatsConnection) {
  const uppercase = nats.client({
    connection,
    subject: 'stringsvc.uppercase',
    decode: capitalsOf,
    // What is marked as a failure: that of the business has the body that it has from Go, any other speaks for itself.
    decodeError(wire, response) {
      const answer = capitalsOf(response)
      return answer._tag === 'Left' && EmptyString.is(answer.left) ? answer.left : decodeCallFailed(wire)
    },
  })
  const count = nats.client({ connection, subject: 'stringsvc.count', decode: countOf })
  return {
    // Whose labels they have in metrics and logs: their contract says so.
    uppercase: withMethod(uppercase, Strings.methods.uppercase),
    count: withMethod(count, Strings.methods.count),
    async [Symbol.asyncDispose]() {
      await Promise.all([uppercase[Symbol.asyncDispose](), count[Symbol.asyncDispose]()])
    },
  }
}

const capitals = nats.readJsonAs(t.partial({ v: t.string, err: t.string }))
const counted = nats.readJsonAs(t.partial({ v: t.number, err: t.string }))

function capitalsOf(response: ClientResponse) {
  const answer = capitals(response)
  if (answer._tag === 'Left') return answer
  const { v, err } = answer.right
  if (v === undefined) return noAnswer(err)
  return err === undefined ? ok({ v }) : fail(EmptyString({ message: err }))
}

function countOf(response: ClientResponse) {
  const answer = counted(response)
  if (answer._tag === 'Left') return answer
  const { v, err } = answer.right
  return v === undefined ? noAnswer(err) : ok({ v })
}

/** Go kit answers `{"err": ...}` and nothing else where it could not do the work; its own client takes that for a count of 0. */
const noAnswer = (err = 'neither v nor err') => fail(remote({ code: 'internal', message: err }))
