// The transport: the same endpoints on two wires at once, that of the contract and that of Go kit's stringsvc.
import { implement } from '@tenon/contract'
import { type Endpoint, type Failure, mapInput } from '@tenon/endpoint'
import type { Metrics } from '@tenon/metrics'
import { http, type ServeOptions } from '@tenon/transport-http'
import * as t from 'io-ts'
import { type StringEndpoints, Strings, type Text } from './contract.ts'
import { anyVerb, error, success } from './gokit.ts'
import { EmptyString } from './service.ts'

/** What Go's decoder takes for a Text: nothing, and `null`, are an empty one. */
export const LooseText = t.partial({ s: t.union([t.string, t.null]) })
export const strictly = mapInput(({ s }: t.TypeOf<typeof LooseText>): t.TypeOf<typeof Text> => ({ s: s ?? '' }))

/** An endpoint on Go kit's wire, where a failure of the business is a success with an `err` in it. */
const goKit = <O extends object>(rpc: Endpoint<t.TypeOf<typeof Text>, O, Failure>) =>
  http.server(strictly(rpc), {
    decode: http.decodeJsonAs(LooseText, { unknownKeys: 'strip' }),
    encode: (output, reply) => success(reply, output),
    encodeError: (failure, reply) =>
      EmptyString.is(failure) ? success(reply, { v: '', err: failure.message }) : error(reply, failure.message),
  })

/**
 * Listens: `POST /v1/uppercase` and `/v1/count` of the contract, `/uppercase` and `/count` of Go kit, `GET /metrics`, and
 * what `more` adds.
 */
export const serve = (endpoints: StringEndpoints, measured: Metrics, port: number, more: ServeOptions['routes'] = {}) =>
  http.serve(implement(Strings, endpoints), {
    port,
    routes: {
      ...anyVerb('/uppercase', goKit(endpoints.uppercase)),
      ...anyVerb('/count', goKit(endpoints.count)),
      'GET /metrics': measured.handler,
      ...more,
    },
  })
