// Go kit's wire, where it is not the contract's. Nothing here is worth imitating but where an old wire must stay: the
// same endpoints, in other clothes.
//
//   HTTP       names in any case, any verb, any content type; failures are {"error": "..."} with 400, all else with 500
//   JSON-RPC   names in any case; what cannot be read is -32000
//   gRPC       a failure of the business is a text in the reply
import { type CallFailed, contract, decoder, implement, unary } from '@tenon/contract'
import { type Endpoint, type Failure, fail, type Infrastructure, mapOutput, ok, recover } from '@tenon/endpoint'
import { http, jsonrpc, type Reply } from '@tenon/transport-http'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as t from 'io-ts'
import { type AddEndpoints, Numbers, Texts, Whole } from './contract.ts'
import { IntOverflow, MaxSizeExceeded, TwoZeroes } from './service.ts'

const business = [TwoZeroes, IntOverflow, MaxSizeExceeded]
type Business = ReturnType<(typeof business)[number]>

/** Go kit knows two kinds of failures, these and all others. */
const isBusiness = (failure: Failure): failure is Business => business.some((one) => one.is(failure))

/** Reads as Go does: `A` is `a`, what is missing or null is the zero, what is unknown is ignored. */
function loosely<A extends object>(codec: t.Type<A>, zeroes: A) {
  const decode = decoder(codec, { unknownKeys: 'strip' })
  return (raw: unknown) => {
    if (typeof raw !== 'object' || Array.isArray(raw)) return decode(raw)
    const given = Object.entries(raw ?? {}).filter(([, value]) => value !== null)
    return decode({ ...zeroes, ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])) })
  }
}

const numbers = loosely(Numbers, { a: 0, b: 0 })
const texts = loosely(Texts, { a: '', b: '' })

// HTTP

/** The bytes of Go's encoding/json, which escapes what a browser might take for HTML, and ends the line. */
function write(reply: Reply, status: number, value: object) {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`
  reply.status = status
  // Go kit forgets it for failures, so that Go takes them for plain text.
  reply.headers['content-type'] = 'application/json; charset=utf-8'
  reply.body = `${JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped)}\n`
}

const listener = <I, O extends object>(rpc: Endpoint<I, O, Failure>, decode: (raw: unknown) => E.Either<Failure, I>) =>
  http.server(rpc, {
    decode: (request) => pipe(http.decodeJson(request), E.chainW(decode)),
    encode: (output, reply) => write(reply, 200, output),
    encodeError: (failure, reply) =>
      write(reply, isBusiness(failure) ? 400 : reply.status || 500, { error: failure.message }),
  })

/** `/sum` and `/concat`, for the routes of `http.serve`. */
export const routes = ({ sum, concat }: AddEndpoints) => ({
  '* /sum': listener(sum, numbers),
  '* /concat': listener(concat, texts),
})

// JSON-RPC. A failure of the business is lost in Go kit, and zero comes in its place; here it is an error, as in every
// JSON-RPC server of a contract. So this one listener does for the contract's clients too.

export const rpc = ({ sum, concat }: AddEndpoints) =>
  jsonrpc.server(
    {
      sum: jsonrpc.method({ endpoint: sum, decode: numbers }),
      concat: jsonrpc.method({ endpoint: concat, decode: texts }),
    },
    {
      encodeError(failure, error) {
        if (failure._tag === 'InvalidArgument') error.code = -32_000
      },
    },
  )

// gRPC. `addsvc.proto` as a contract: whether they agree is asked when it is served.

const Add = contract('pb.Add', {
  sum: unary({ input: Numbers, output: t.strict({ v: Whole, err: t.string }) }),
  concat: unary({ input: Texts, output: t.strict({ v: t.string, err: t.string }) }),
})

export const goKitAdd = ({ sum, concat }: AddEndpoints) =>
  implement(Add, { sum: withErr(sum, 0), concat: withErr(concat, '') })

// Without `isBusiness`, `implement` would not compile: pb.Add declares no failures, so none of the business may be left.
const withErr = <I, V>(rpc: Endpoint<I, { readonly v: V }, Business | CallFailed | Infrastructure>, zero: V) =>
  pipe(
    rpc,
    mapOutput(({ v }) => ({ v, err: '' })),
    recover((failure) => (isBusiness(failure) ? ok({ v: zero, err: failure.message }) : fail(failure))),
  )
