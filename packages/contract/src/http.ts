// Where a method's fields travel in an HTTP request: path, query, headers, body.
import type { Either } from 'fp-ts/lib/Either.js'
import type { InvalidArgument } from './call-failed.ts'

/** The verbs that a binding may have. */
export type Verb = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'

/**
 * A verb and a path: `GET /v1/orders/{id}`, `POST /v1/orders:lookup`, `POST /v1/orders/{id}:cancel`. A slash at its end
 * counts: `/v1/orders/` is another path than `/v1/orders`.
 */
export type Route = `${Verb} /${string}`

type KeysOf<I> = I extends unknown ? keyof I & string : never

/** A route, and where fields travel if not in the default place. */
export interface HttpRule<F extends string = string> {
  /** Fields named in the path travel there. */
  readonly route: Route
  /** Fields that travel in the query. Default: with GET and DELETE all that have no other place, else none. */
  readonly query?: readonly F[]
  /** Fields that travel in headers, each with the header's name: `{ tenant: 'x-tenant' }`. Default: none. */
  readonly headers?: { readonly [K in F]?: string }
  /** `'*'`: all fields without another place; a field's name: this one alone is the body; `'none'`. Default `'none'` with GET and DELETE, else `'*'`. */
  readonly body?: F | '*' | 'none'
}

/** One binding of a method or several. The first is the one that clients use. */
export type HttpBindings<I> = Route | HttpRule<KeysOf<I>> | readonly (Route | HttpRule<KeysOf<I>>)[]

/**
 * A piece of a path between two slashes: fixed text, or a field, perhaps with a fixed end such as `:cancel`. Where the
 * path ends with a slash, the last piece is the empty text.
 */
export type Segment =
  | { readonly text: string; readonly param?: never }
  | { readonly param: string; readonly suffix: string; readonly text?: never }

/** A request as a binding makes it. */
export interface HttpRequest {
  /** Percent-encoded, begins with a slash. */
  readonly path: string
  /** Percent-encoded, without the question mark; empty when there is nothing in it. */
  readonly query: string
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  /** To be written as JSON; `undefined` when there is no body. */
  readonly body: unknown
}

/** A request as a server got it. */
export interface HttpParts {
  /** The path's fields, percent-decoded. */
  readonly params: Readonly<Record<string, string | undefined>>
  /** The query as text without the question mark, or its entries in order, such as a `URLSearchParams`. */
  readonly query: string | Iterable<readonly [string, string]>
  /** A header's value by its lower-case name. */
  readonly header: (name: string) => string | undefined
  /** The body read as JSON; `undefined` when there is none. */
  readonly body: unknown
}

/** Where a field travels that is not in the body. */
export interface Place {
  readonly field: string
  readonly in: 'path' | 'query' | 'header'
  /** A header's name; else that of the field. */
  readonly name: string
  /** Is it a list: a key of the query that may stand there several times? */
  readonly many: boolean
}

/** One way to send a method's input over HTTP. */
export interface HttpBinding {
  readonly verb: Verb
  /** The path as it was declared: `/v1/orders/{id}:cancel`. */
  readonly path: string
  /** The path for a router, segment by segment. */
  readonly route: readonly Segment[]
  /** Verb and path with the fields' names left out, `GET /v1/orders/{}`: two bindings with the same pattern clash. */
  readonly pattern: string
  /** Does some part of the input travel in the body? */
  readonly hasBody: boolean
  /** The fields in path, query and headers, in this order. */
  readonly places: readonly Place[]
  /** What the body holds: everything else, one field, or nothing. */
  readonly body: '*' | 'none' | { readonly field: string }
  /** Places what `encodeInput` made. An empty path field, or text that no request can carry, is an `InvalidArgument`. */
  encode(input: unknown): Either<InvalidArgument, HttpRequest>
  /**
   * What was placed, put together again, for `decodeInput`: text becomes what the codec takes there where it can. A path
   * field that `encode` refuses (empty, `.` or `..`) is the same `InvalidArgument` here, located as there.
   */
  decode(parts: HttpParts): Either<InvalidArgument, unknown>
  /** A refusal by the codec: each issue gets where in the request its field is looked for. */
  locate(refusal: InvalidArgument): InvalidArgument
}
