// The methods of a contract: what goes in, what comes out, which failures are declared.
import type { Kind, MethodInfo } from '@tenon/endpoint'
import * as t from 'io-ts'
import type { FailureOf, FailureType } from './declared.ts'
import type { HttpBindings, HttpRule } from './http.ts'
import type { Resume, ResumeOf } from './resume.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a pattern does not ask for must be any, or nothing matches
type Any = any

/** Any declared failure. */
export type AnyFailureType = FailureType<Any, Any, Any>

/** The union of what these failure types make. */
export type FailureUnion<Fs> = Fs extends readonly (infer X)[]
  ? X extends FailureType<infer T, infer C, infer D>
    ? FailureOf<T, C, D>
    : never
  : never

/** What happens to keys that the codecs do not know. */
export interface UnknownKeys {
  /** Of an input that is decoded: `refuse` answers `InvalidArgument` with their paths, `strip` drops them. Default `refuse`. */
  readonly input?: 'refuse' | 'strip'
  /** Of an answer that a client decodes. Default `strip`: a newer server may say more. */
  readonly output?: 'refuse' | 'strip'
}

/** A method as it is declared; `contract` gives it its name. */
export interface Method<K extends Kind, I, O, Fs extends readonly AnyFailureType[]> {
  readonly kind: K
  readonly input: t.Type<I, Any, unknown>
  readonly output: t.Type<O, Any, unknown>
  readonly failures: Fs
  /** May it be repeated without harm? */
  readonly idempotent: boolean
  readonly http: readonly HttpRule[]
  readonly unknownKeys: UnknownKeys
  readonly description: string | undefined
  /** How its stream is resumed, where it offers that. */
  readonly resume: Resume | undefined
  readonly deprecated: boolean
}

/** Any method as it is declared. */
export interface AnyMethod {
  readonly kind: Kind
  readonly input: t.Type<Any, Any, unknown>
  readonly output: t.Type<Any, Any, unknown>
  readonly failures: readonly AnyFailureType[]
  readonly idempotent: boolean
  readonly http: readonly HttpRule[]
  readonly unknownKeys: UnknownKeys
  readonly description: string | undefined
  /** How its stream is resumed, where it offers that. */
  readonly resume: Resume | undefined
  readonly deprecated: boolean
}

/** Any method of a contract: declared, and placed under its name. */
export type PlacedMethod = AnyMethod & MethodInfo

/** What is said of every method that is called. */
export interface MethodShape<I, O> {
  readonly input: t.Type<I, Any, unknown>
  readonly output: t.Type<O, Any, unknown>
  /** May it be repeated without harm? Retries and hedges ask. Default false, for a `GET` too: only you know what it does. */
  readonly idempotent?: boolean
  /** Default: that of the contract. */
  readonly unknownKeys?: UnknownKeys
  /** What it does, as documents tell it; the first sentence is its summary. */
  readonly description?: string
  /** Still there, and not to be used any more: documents tell it. Default: false. */
  readonly deprecated?: boolean
}

/** {@link MethodShape} of a method whose input is one message, which HTTP can place in path, query, headers and body. */
export interface BoundShape<I, O> extends MethodShape<I, O> {
  /** `'GET /v1/orders/{id}'`: one binding or several; clients use the first. Default: `POST /<contract>/<method>`. */
  readonly http?: HttpBindings<NoInfer<I>>
}

/** {@link BoundShape} of a method that answers with a stream. */
export interface StreamShape<I, O> extends BoundShape<I, O> {
  /**
   * `{ id: 'seq', after: 'since' }`: items are told apart by their field `seq`, and a call with `since` gets what comes
   * after that one. Then a reader whose connection breaks can go on; over HTTP an `EventSource` does so by itself.
   * Default: a broken stream is over.
   */
  readonly resume?: ResumeOf<NoInfer<I>, NoInfer<O>>
}

// Two overloads each: with one optional `failures`, inference inside contract(...) widens it to any failure.
interface NoFailures {
  readonly failures?: never
}
interface Failures<Fs> {
  /** What it may answer beside a success. Each tag once. Default: none. */
  readonly failures: Fs
}

/** One message in, one out. */
export function unary<I, O>(m: BoundShape<I, O> & NoFailures): Method<'unary', I, O, readonly []>
export function unary<I, O, const Fs extends readonly AnyFailureType[]>(
  m: BoundShape<I, O> & Failures<Fs>,
): Method<'unary', I, O, Fs>
export function unary(m: Given): AnyMethod {
  return declared('unary', m)
}

/** One message in, a stream out. */
export function serverStream<I, O>(m: StreamShape<I, O> & NoFailures): Method<'serverStream', I, O, readonly []>
export function serverStream<I, O, const Fs extends readonly AnyFailureType[]>(
  m: StreamShape<I, O> & Failures<Fs>,
): Method<'serverStream', I, O, Fs>
export function serverStream(m: Given): AnyMethod {
  return declared('serverStream', m)
}

/** A stream in, one message out. `input` is the codec of one of its messages. */
export function clientStream<I, O>(m: MethodShape<I, O> & NoFailures): Method<'clientStream', I, O, readonly []>
export function clientStream<I, O, const Fs extends readonly AnyFailureType[]>(
  m: MethodShape<I, O> & Failures<Fs>,
): Method<'clientStream', I, O, Fs>
export function clientStream(m: Given): AnyMethod {
  return declared('clientStream', m)
}

/** A stream in, a stream out. The codecs are those of one message. */
export function duplex<I, O>(m: MethodShape<I, O> & NoFailures): Method<'duplex', I, O, readonly []>
export function duplex<I, O, const Fs extends readonly AnyFailureType[]>(
  m: MethodShape<I, O> & Failures<Fs>,
): Method<'duplex', I, O, Fs>
export function duplex(m: Given): AnyMethod {
  return declared('duplex', m)
}

/** Something that happened: published and consumed; nobody answers. Neither implemented nor called. It may be published again. */
export function event<I>(m: {
  readonly message: t.Type<I, Any, unknown>
  /** Default: that of the contract. Only `input` matters. */
  readonly unknownKeys?: UnknownKeys
  readonly description?: string
}): Method<'event', I, void, readonly []> {
  const { message, ...rest } = m
  // All attempts of one publication have one id, and consumers bear to hear an event twice: repeating does no harm.
  return declared('event', { ...rest, input: message, output: t.void, idempotent: true }) as Method<
    'event',
    I,
    void,
    readonly []
  >
}

type Given = MethodShape<Any, Any> & {
  readonly http?: HttpBindings<Any>
  readonly resume?: Resume | undefined
  readonly failures?: readonly AnyFailureType[]
}

function declared(kind: Kind, m: Given): AnyMethod {
  const {
    input,
    output,
    failures = [],
    idempotent = false,
    http,
    unknownKeys = {},
    description,
    deprecated = false,
    resume,
  } = m
  const rules = http === undefined ? [] : Array.isArray(http) ? http : [http]
  return {
    kind,
    input,
    output,
    failures,
    idempotent,
    http: rules.map((rule: string | HttpRule) => (typeof rule === 'string' ? { route: rule } : rule)) as HttpRule[],
    unknownKeys,
    description,
    resume,
    deprecated,
  }
}
