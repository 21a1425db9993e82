// Proxying: `uppercase` done by other instances of the service. What comes out is an endpoint like the one it stands
// for, so nothing around it changes.
import { breaker, consecutive } from '@tenon/breaker'
import { codeOf, decoder, remote } from '@tenon/contract'
import { balanced, endpointer, fixed, type Instance, roundRobin } from '@tenon/discovery'
import { chain, fail, ok, timeout } from '@tenon/endpoint'
import { retry } from '@tenon/retry'
import { http } from '@tenon/transport-http'
import * as t from 'io-ts'
import { Strings, type Text } from './contract.ts'
import { EmptyString } from './service.ts'

/** What an instance answers on Go kit's wire. */
const answerOf = decoder(t.intersection([t.strict({ v: t.string }), t.partial({ err: t.string })]))

/** One instance. Its breaker is its own: when it opens, this one is left out and the others go on. */
function connect({ id, url }: Instance) {
  const instance = http.client({
    url: `${url}/uppercase`,
    encode: (text: t.TypeOf<typeof Text>, request) => http.encodeJson(text, request),
    decode({ status, body }) {
      if (status !== 200) return fail(remote({ code: codeOf(status), message: body.toString() }))
      // Go's instances call their JSON text/plain; so what counts is whether it can be read.
      const answer = answerOf(JSON.parse(body.toString()))
      if (answer._tag === 'Left') return fail(remote({ code: 'internal', message: answer.left.message }))
      const { v, err } = answer.right
      return err === undefined ? ok({ v }) : fail(EmptyString({ message: err }))
    },
  })
  const guarded = chain(breaker({ name: `uppercase at ${id}`, detector: consecutive() }), timeout(300))
  // What a middleware makes is another endpoint, which has nothing to close; the connections are the client's.
  return { uppercase: guarded(instance), [Symbol.asyncDispose]: () => instance[Symbol.asyncDispose]() }
}

/** `uppercase` at these instances. Dispose it: it holds connections. */
export function proxying(urls: readonly string[]) {
  const instances = endpointer(fixed(urls, { service: 'stringsvc' }), { connect })
  const any = balanced(instances, roundRobin(), {
    endpoint: ({ uppercase }) => uppercase,
    // Whose labels it has in metrics, and whether it may be repeated: its contract says so.
    method: Strings.methods.uppercase,
  })
  // Up to three attempts within a second, each at an instance that was not tried before.
  const patient = chain(timeout(1_000), retry({ attempts: 3, when: ['unavailable', 'deadline_exceeded'] }))
  return { uppercase: patient(any), [Symbol.asyncDispose]: () => instances[Symbol.asyncDispose]() }
}
