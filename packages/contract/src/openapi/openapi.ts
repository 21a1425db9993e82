// Contracts as an OpenAPI 3.1 document: what transports serve of them on HTTP, for people, clients in other languages and tools.
import { bindings } from '../bindings.ts'
import type { AnyContract } from '../contract.ts'
import { describer } from '../describer.ts'
import type { AnyFailureType, PlacedMethod } from '../method.ts'
import { components } from './components.ts'
import type { OpenApiDocument, OpenApiOperation } from './document.ts'
import { type DescribedMethod, operationOf } from './operation.ts'
import { checkedOptions, type OpenApiOptions } from './options.ts'
import { pathNames } from './path-names.ts'

/** A document, and what it does not say. */
export interface OpenApi {
  readonly document: OpenApiDocument
  /** What cannot be described, or is described otherwise than it is: one sentence each. Empty is good. */
  readonly warnings: readonly string[]
}

/**
 * The OpenAPI 3.1 document of one contract or several, as `@tenon/transport-http` serves them: every binding of every
 * unary method and server stream, with its failures as problem documents. Events and methods that take streams are not
 * on HTTP and not in the document. The same contracts give the same document.
 *
 * ```ts
 * import * as t from 'io-ts'
 *
 * const Shop = contract('shop.v1.Shop', { buy: unary({ input: t.strict({ sku: t.string }), output: t.void }) })
 * const { document, warnings } = openapi(Shop, { info: { title: 'Shop', version: '1.4.0' } })
 * ```
 *
 * @throws TypeError for a bad option, for two methods with one route or one `operationId`, and with
 * `undescribed: 'refuse'` for a codec of which nobody says what is on the wire.
 */
export function openapi(contracts: AnyContract | readonly AnyContract[], options: OpenApiOptions = {}): OpenApi {
  const all = (Array.isArray(contracts) ? contracts : [contracts]) as readonly AnyContract[]
  const { info, servers, security, operationId, undescribed } = checkedOptions(options, all)
  const codecs = describer()
  const methods = all.flatMap(({ methods }) => Object.values(methods) as PlacedMethod[])
  const described = methods
    .filter(({ kind }) => kind === 'unary' || kind === 'serverStream')
    .map((method): DescribedMethod => {
      const { input, output, failures } = method
      if (bindings(method).length === 0)
        throw new TypeError(`openapi: ${method.contract} was made by another copy of @tenon/contract: install one only`)
      return {
        method,
        input: codecs.describe(input),
        output: codecs.describe(output),
        failures: failures.map((type: AnyFailureType) => [type, codecs.describe(type.details)]),
      }
    })
  const unknown = codecs.warnings
  if (undescribed === 'refuse' && unknown.length > 0) throw new TypeError(`openapi: ${unknown.join('; ')}`)
  const schemas = components(Object.fromEntries(codecs.definitions))
  const namesAt = pathNames()
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  const owners = new Map<string, string>()
  const own = (what: string, method: PlacedMethod): void => {
    const owner = owners.get(what)
    const name = `${method.contract}/${method.name}`
    if (owner !== undefined) throw new TypeError(`openapi: ${name} and ${owner} have the same ${what}`)
    owners.set(what, name)
  }
  for (const one of described)
    for (const [at, binding] of bindings(one.method).entries()) {
      const id = operationId(one.method) + (at === 0 ? '' : `.${at + 1}`)
      own(`route, ${binding.pattern}`, one.method)
      own(`operationId, ${id}`, one.method)
      const { path, names } = namesAt(binding)
      paths[path] ??= {}
      paths[path][binding.verb.toLowerCase()] = operationOf(one, binding, id, names, schemas)
    }
  const { value, components: named } = schemas.finish({
    openapi: '3.1.0',
    info,
    servers,
    security: Object.keys(security).map((name) => ({ [name]: [] })),
    tags: all.map(({ name, description }) => ({ name, description })),
    paths,
    components: Object.keys(security).length > 0 ? { securitySchemes: security } : {},
  })
  const { components: given, ...rest } = value as OpenApiDocument
  const document: OpenApiDocument = { ...rest, components: { ...named, ...given } }
  return { document, warnings: [...unknown, ...schemas.warnings, ...methods.flatMap(leftOut)] }
}

const leftOut = ({ contract, name, kind }: PlacedMethod): readonly string[] =>
  kind === 'clientStream' || kind === 'duplex'
    ? [`${contract}/${name} takes a stream, which HTTP does not carry: it is left out`]
    : []
