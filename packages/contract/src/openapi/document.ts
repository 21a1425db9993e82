// What an OpenAPI 3.1 document is made of, as far as this package writes it: plain JSON data.

/** A JSON Schema (2020-12), or anything else of a document that has no narrower type here. */
export type JsonObject = { readonly [key: string]: unknown }

/** One method at one route. */
export interface OpenApiOperation {
  readonly operationId: string
  /** The contract's name. */
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly deprecated?: true
  /** May it be repeated without harm? */
  readonly 'x-idempotent'?: true
  readonly parameters?: readonly JsonObject[]
  readonly requestBody?: JsonObject
  /** By status, and `default`. */
  readonly responses: Readonly<Record<string, JsonObject>>
}

/** An OpenAPI 3.1 document: plain JSON data, the same for the same contracts. */
// No interface: as a type it may be given to whoever takes any JSON object, such as a validator.
export type OpenApiDocument = {
  readonly openapi: '3.1.0'
  readonly info: OpenApiInfo
  readonly servers: readonly OpenApiServer[]
  readonly security: readonly JsonObject[]
  /** One a contract. */
  readonly tags: readonly { readonly name: string; readonly description?: string }[]
  /** By path, then by verb in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
}

/** What is said of the whole. */
export interface OpenApiInfo {
  /** Default: the names of the contracts. */
  readonly title: string
  /** Of what is described, such as that of its package. Default: `'0.0.0'`. */
  readonly version: string
  readonly summary?: string
  /** CommonMark. */
  readonly description?: string
  readonly termsOfService?: string
  readonly contact?: { readonly name?: string; readonly url?: string; readonly email?: string }
  readonly license?: { readonly name: string; readonly identifier?: string; readonly url?: string }
}

/** Where it is served. */
export interface OpenApiServer {
  /** A URL, or a path on the server that the document comes from, without a slash at its end. */
  readonly url: string
  readonly description?: string
  readonly variables?: JsonObject
}
