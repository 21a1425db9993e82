// Contracts as they are on the wire, as JSON: kept beside the code, and compared with what the code says later.
import type { Code, Kind } from '@tenon/endpoint'
import { bindings } from '../bindings.ts'
import type { AnyContract } from '../contract.ts'
import { type Describer, describer } from '../describer.ts'
import type { Description } from '../description.ts'
import type { HttpBinding, Place } from '../http.ts'
import type { AnyFailureType, PlacedMethod } from '../method.ts'
import type { Resume } from '../resume.ts'

/** A declared failure. */
export interface FailureSnapshot {
  readonly tag: string
  readonly code: Code
  readonly details: Description
}

/** One binding. */
export interface RouteSnapshot {
  /** `GET /v1/orders/{}`. */
  readonly pattern: string
  readonly places: readonly Place[]
  readonly body: HttpBinding['body']
}

/** A method. */
export interface MethodSnapshot {
  readonly name: string
  readonly kind: Kind
  readonly idempotent: boolean
  readonly unknownKeys: { readonly input: 'refuse' | 'strip'; readonly output: 'refuse' | 'strip' }
  readonly input: Description
  readonly output: Description
  readonly failures: readonly FailureSnapshot[]
  readonly routes: readonly RouteSnapshot[]
  /** How its stream is resumed; absent where it is not. */
  readonly resume?: Resume
}

/** A contract. */
export interface ContractSnapshot {
  readonly name: string
  readonly methods: readonly MethodSnapshot[]
}

/** Contracts as they are on the wire: plain JSON, in a stable order. What only documents tell is not in it. */
export interface Snapshot {
  readonly format: 'tenon-contract/1'
  readonly contracts: readonly ContractSnapshot[]
  /** What descriptions refer to. */
  readonly definitions: Readonly<Record<string, Description>>
}

/** Takes a snapshot of one contract or several. */
export function snapshot(contracts: AnyContract | readonly AnyContract[]): Snapshot {
  const codecs = describer()
  const all = (Array.isArray(contracts) ? contracts : [contracts]) as readonly AnyContract[]
  const taken = all.map(({ name, methods }) => ({
    name,
    methods: (Object.values(methods) as PlacedMethod[]).map((method) => methodOf(method, codecs)),
  }))
  return {
    format: 'tenon-contract/1',
    contracts: taken,
    definitions: Object.fromEntries([...codecs.definitions].map(([name, of]) => [name, bare(of)])),
  }
}

function methodOf(method: PlacedMethod, codecs: Describer): MethodSnapshot {
  const { name, kind, idempotent, unknownKeys, failures, resume } = method
  const { input = 'refuse', output = 'strip' } = unknownKeys
  return {
    name,
    kind,
    idempotent,
    unknownKeys: { input, output },
    input: bare(codecs.describe(method.input)),
    output: bare(codecs.describe(method.output)),
    failures: failures.map(({ tag, code, details }: AnyFailureType) => ({
      tag,
      code,
      details: bare(codecs.describe(details)),
    })),
    routes: bindings(method).map(({ pattern, places, body }) => ({ pattern, places, body })),
    ...(resume !== undefined && { resume: { id: resume.id, after: resume.after } }),
  }
}

/** Without annotations: they change nothing on the wire. */
function bare(description: Description): Description {
  const { notes: _, ...rest } = description
  switch (rest.kind) {
    case 'array':
      return { ...rest, item: bare(rest.item) }
    case 'tuple':
      return { ...rest, items: rest.items.map(bare) }
    case 'record':
      return { ...rest, key: bare(rest.key), value: bare(rest.value) }
    case 'object':
      return { ...rest, fields: rest.fields.map((field) => ({ ...field, of: bare(field.of) })) }
    case 'all':
    case 'one':
      return { ...rest, of: rest.of.map(bare) }
    case 'refined':
      return { ...rest, of: bare(rest.of) }
    default:
      return rest
  }
}

/** Is this a snapshot, as far as its outside tells? */
export const isSnapshot = (value: unknown): value is Snapshot =>
  typeof value === 'object' && value !== null && (value as Partial<Snapshot>).format === 'tenon-contract/1'
