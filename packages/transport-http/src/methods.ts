// A contract's methods as targets of routes: JSON in, the contract's codecs around the endpoint, JSON out.
import {
  bindings,
  type Codecs,
  codecs,
  type HttpBinding,
  type Implementation,
  type PlacedMethod,
  resumption,
} from '@tenon/contract'
import { type Endpoint, type Failure, runner } from '@tenon/endpoint'
import type { Either } from 'fp-ts/lib/Either.js'
import { decodeJson, encodeJson, invalidBody } from './codec.ts'
import { Exchange } from './exchange.ts'
import type { Flow, Steps, Surroundings } from './flow.ts'
import { type BodyFormat, type Form, formsOf, mediaOf, readBody, writeBody } from './formats.ts'
import type { Gate } from './gate.ts'
import type { Target } from './listener.ts'
import { writeProblem } from './problem.ts'
import type { Reply, ServerRequest } from './reply.ts'
import { failing } from './router.ts'
import type { Routes } from './routes.ts'
import { itemText } from './stream/event.ts'
import { StreamExchange, type Streaming } from './stream/exchange.ts'
import type { Feeding } from './stream/feed.ts'
import { uncarried } from './stream/uncarried.ts'

/** Anything that `implement` makes. */
// biome-ignore lint/suspicious/noExplicitAny: methods of every type, in every position
export type AnyImplementation = Implementation<string, any>

/** What all streams of a server share. */
export interface Streams extends Feeding {
  /** Milliseconds that a stream may last. */
  readonly lasts: number
}

/** Adds a route for every binding of every method. */
export function addMethods(
  table: Routes<Target>,
  implementation: AnyImplementation,
  around: Surroundings,
  streams: Streams,
  open: Gate,
  formats: readonly BodyFormat[],
): void {
  const { contract, endpoints } = implementation
  const forms = formsOf(formats, contract)
  for (const [name, method] of Object.entries(contract.methods as Record<string, PlacedMethod>)) {
    if (method.kind === 'event') continue
    const label = `${contract.name}/${name}`
    const bound = bindings(method)
    if (bound.length === 0) {
      const target = targetOf({ ...around, ...unimplemented(method), method }, open)
      table.add('POST', [{ text: contract.name }, { text: name }], label, target)
      continue
    }
    const endpoint = endpoints[name] as Endpoint<unknown, unknown, Failure>
    for (const binding of bound) {
      const flow = { ...around, ...stepsOf(endpoint, method, binding, forms(name)), method }
      const target =
        method.kind === 'unary'
          ? targetOf(flow, open)
          : streamTargetOf({ ...flow, lasts: streams.lasts }, streamingOf(method, streams), open)
      table.add(binding.verb, binding.route, label, target)
    }
  }
}

const targetOf =
  (flow: Flow, open: Gate): Target =>
  (req, res, params, expects) =>
    new Exchange(flow, req, res, open, params).start(expects)

const streamTargetOf =
  (flow: Flow, streaming: Streaming, open: Gate): Target =>
  (req, res, params, expects) =>
    new StreamExchange(flow, streaming, req, res, open, params).start(expects)

function streamingOf(method: PlacedMethod, streams: Streams): Streaming {
  const { encodeOutput }: Codecs = codecs(method)
  const resuming = resumption(method)
  const text = (item: unknown): string => {
    const encoded = encodeOutput(item)
    return itemText(resuming?.idOf(encoded), JSON.stringify(encoded) ?? '')
  }
  return { ...streams, text, resumption: resuming }
}

function stepsOf(
  endpoint: Endpoint<unknown, unknown, Failure>,
  method: PlacedMethod,
  binding: HttpBinding,
  forms: readonly Form[],
): Steps {
  const coded: Codecs = codecs(method)
  const resuming = resumption(method)
  const read: (request: ServerRequest) => Either<Failure, unknown> =
    forms.length === 0 ? decodeJson : (request) => readBody(binding, forms, request)
  const write = forms.length === 0 ? undefined : writeBody(coded, forms)
  return {
    run: runner(endpoint),
    decode(request) {
      const body = binding.hasBody ? read(request) : noBody
      if (body._tag === 'Left') return body
      const { params, query, headers } = request
      const header = (name: string): string | undefined => headers[name] as string | undefined
      try {
        const raw = binding.decode({ params, query, header, body: body.right })
        if (raw._tag === 'Left') return raw
        const last = resuming === undefined ? undefined : header('last-event-id')
        const decoded = coded.decodeInput(last ? resuming?.after(raw.right, last) : raw.right)
        return decoded._tag === 'Left' ? { _tag: 'Left', left: binding.locate(decoded.left) } : decoded
      } catch (cause) {
        // JSON.parse takes any depth, a recursive codec does not.
        if (cause instanceof RangeError) return { _tag: 'Left', left: invalidBody('the body is nested too deeply') }
        throw cause
      }
    },
    encode(output, reply, _, request): undefined {
      if (write === undefined) encodeJson(coded.encodeOutput(output), reply)
      else write(output, reply, request)
    },
    encodeError: (failure: Failure, reply: Reply) => writeProblem(failure, coded.encodeFailure(failure), reply),
    media: binding.hasBody ? mediaOf(binding, forms) : undefined,
  }
}

const noBody = { _tag: 'Right', right: undefined } as const

function unimplemented(method: PlacedMethod): Steps {
  const failure: Failure = {
    _tag: 'Unimplemented',
    code: 'unimplemented',
    message: uncarried(method, 'HTTP'),
  }
  return { ...failing, decode: () => ({ _tag: 'Left', left: failure }) }
}
