// A contract's methods as targets of routes: JSON in, the contract's codecs around the endpoint, JSON out.
import { type AnyMethod, bindings, type Codecs, codecs, type HttpBinding, type Implementation } from '@tenon/contract'
import { type Endpoint, type Failure, type MethodInfo, runner } from '@tenon/endpoint'
import { decodeJson, encodeJson, invalidBody } from './codec.ts'
import { Exchange } from './exchange.ts'
import type { Flow, Steps, Surroundings } from './flow.ts'
import type { Gate } from './gate.ts'
import { jsonOnly } from './json.ts'
import type { Target } from './listener.ts'
import { writeProblem } from './problem.ts'
import type { Reply } from './reply.ts'
import { failing } from './router.ts'
import type { Routes } from './routes.ts'

/** Anything that `implement` makes. */
// biome-ignore lint/suspicious/noExplicitAny: methods of every type, in every position
export type AnyImplementation = Implementation<string, any>

/** Adds a route for every binding of every method. */
export function addMethods(
  table: Routes<Target>,
  implementation: AnyImplementation,
  around: Surroundings,
  open: Gate,
): void {
  const { contract, endpoints } = implementation
  for (const [name, method] of Object.entries(contract.methods as Record<string, AnyMethod & MethodInfo>)) {
    if (method.kind === 'event') continue
    const label = `${contract.name}/${name}`
    const bound = bindings(method)
    if (method.kind !== 'unary') {
      const target = targetOf({ ...around, ...unimplemented(label), method }, open)
      for (const { verb, route } of bound) table.add(verb, route, label, target)
      if (bound.length === 0) table.add('POST', [{ text: contract.name }, { text: name }], label, target)
      continue
    }
    const endpoint = endpoints[name] as Endpoint<unknown, unknown, Failure>
    for (const binding of bound)
      table.add(
        binding.verb,
        binding.route,
        label,
        targetOf({ ...around, ...stepsOf(endpoint, method, binding), method }, open),
      )
  }
}

const targetOf =
  (flow: Flow, open: Gate): Target =>
  (req, res, params, expects) =>
    new Exchange(flow, req, res, open, params).start(expects)

function stepsOf(
  endpoint: Endpoint<unknown, unknown, Failure>,
  method: AnyMethod & MethodInfo,
  binding: HttpBinding,
): Steps {
  const coded: Codecs = codecs(method)
  return {
    run: runner(endpoint),
    decode(request) {
      const body = binding.hasBody ? decodeJson(request) : noBody
      if (body._tag === 'Left') return body
      const { params, query, headers } = request
      const header = (name: string): string | undefined => headers[name] as string | undefined
      try {
        const raw = binding.decode({ params, query: query === '' ? noQuery : query, header, body: body.right })
        return raw._tag === 'Left' ? raw : coded.decodeInput(raw.right)
      } catch (cause) {
        // JSON.parse takes any depth, a recursive codec does not.
        if (cause instanceof RangeError) return { _tag: 'Left', left: invalidBody('the body is nested too deeply') }
        throw cause
      }
    },
    encode(output, reply): undefined {
      encodeJson(coded.encodeOutput(output), reply)
    },
    encodeError: (failure: Failure, reply: Reply) => writeProblem(failure, coded.encodeFailure(failure), reply),
    media: binding.hasBody ? jsonOnly : undefined,
  }
}

// Spares the reading of an empty text, which is dear (URLSearchParams).
const noQuery: readonly (readonly [string, string])[] = []

const noBody = { _tag: 'Right', right: undefined } as const

/** Streams over HTTP are server-sent events; this version carries single answers. */
function unimplemented(label: string): Steps {
  const failure: Failure = {
    _tag: 'Unimplemented',
    code: 'unimplemented',
    message: `${label}: streams are not carried over HTTP`,
  }
  return { ...failing, decode: () => ({ _tag: 'Left', left: failure }) }
}
