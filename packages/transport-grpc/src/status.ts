// Failures as gRPC statuses and back. What the status itself cannot say travels beside it as google.rpc.Status, which peers in
// other languages read: ErrorInfo (the tag), BadRequest (wrong fields), RetryInfo, and the details of a failure as a Struct.

import type { Metadata, StatusObject, status } from '@grpc/grpc-js'
import { problemOf, type WireFailure } from '@tenon/contract'
import { type Code, codes } from '@tenon/endpoint'
import protobuf from 'protobufjs'
import { struct } from './proto/well-known.ts'

const known = protobuf.Root.fromJSON({
  nested: {
    google: {
      nested: {
        rpc: {
          nested: {
            Status: {
              fields: {
                code: { type: 'int32', id: 1 },
                message: { type: 'string', id: 2 },
                details: { rule: 'repeated', type: 'Any', id: 3 },
              },
            },
            Any: { fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
            Duration: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
            ErrorInfo: {
              fields: {
                reason: { type: 'string', id: 1 },
                domain: { type: 'string', id: 2 },
                metadata: { keyType: 'string', type: 'string', id: 3 } as never,
              },
            },
            RetryInfo: { fields: { retryDelay: { type: 'Duration', id: 1 } } },
            FieldViolation: {
              fields: { field: { type: 'string', id: 1 }, description: { type: 'string', id: 2 } },
            },
            BadRequest: { fields: { fieldViolations: { rule: 'repeated', type: 'FieldViolation', id: 1 } } },
          },
        },
      },
    },
  },
})
known.addJSON(
  (protobuf.common.get('google/protobuf/struct.proto') as { nested: Record<string, protobuf.AnyNestedObject> }).nested,
)

const types = {
  status: known.lookupType('google.rpc.Status'),
  info: known.lookupType('google.rpc.ErrorInfo'),
  retry: known.lookupType('google.rpc.RetryInfo'),
  bad: known.lookupType('google.rpc.BadRequest'),
  struct: known.lookupType('google.protobuf.Struct'),
}

const prefix = 'type.googleapis.com/'
const url = (type: protobuf.Type): string => prefix + type.fullName.slice(1)
const packed = (type: protobuf.Type, value: object): object => ({
  typeUrl: url(type),
  value: type.encode(value).finish(),
})

const detailsKey = 'grpc-status-details-bin'

/** Bytes of what may stand beside a status: more is left out, since a header block that is too large loses the status too. */
const mostDetails = 6_144

/** A failure as what ends a call. */
export interface FailedStatus {
  readonly code: status
  readonly details: string
  readonly metadata: Metadata
}

/** The status of a failure; `domain` is the contract's name. */
export function statusOf(
  { code, tag, message, details }: WireFailure,
  domain: string,
  metadata: Metadata,
): FailedStatus {
  const { number } = codes[code]
  // grpc-js throws for half a character, and the call would never end.
  const shown = (message.length > 1_024 ? `${message.slice(0, 1_024)}…` : message).toWellFormed()
  const parts: object[] = []
  if (tag !== undefined) parts.push(packed(types.info, { reason: tag, domain }))
  const { issues, retryAfter } = (details ?? {}) as { readonly issues?: unknown; readonly retryAfter?: unknown }
  if (Array.isArray(issues)) parts.push(packed(types.bad, { fieldViolations: issues.map(violation) }))
  if (typeof retryAfter === 'number')
    parts.push(
      packed(types.retry, {
        retryDelay: { seconds: Math.floor(retryAfter / 1_000), nanos: Math.round((retryAfter % 1_000) * 1e6) },
      }),
    )
  const exact = exactDetails(details)
  const whole = encode(number, message, exact === undefined ? parts : [...parts, exact])
  if (parts.length > 0 || exact !== undefined || shown !== message) {
    const bytes = whole.length <= mostDetails ? whole : encode(number, shown, parts.slice(0, 1))
    metadata.set(detailsKey, Buffer.from(bytes))
  }
  return { code: number, details: shown, metadata }
}

const encode = (code: number, message: string, details: readonly object[]): Uint8Array =>
  types.status.encode({ code, message, details }).finish()

function exactDetails(details: unknown): object | undefined {
  if (typeof details !== 'object' || details === null) return undefined
  try {
    return packed(types.struct, struct.out(details as never) as object)
  } catch {
    return undefined
  }
}

const violation = ({ path, expected, actual }: { path?: unknown; expected?: unknown; actual?: unknown }): object => ({
  field: String(path),
  description: problemOf({ expected: String(expected), actual: String(actual) }),
})

/** Codes by the numbers of gRPC. */
export const byNumber: ReadonlyMap<number, Code> = new Map(
  Object.entries(codes).map(([code, { number }]) => [number, code as Code]),
)

interface Any {
  readonly typeUrl?: string
  readonly value?: Uint8Array
}

/** What a status says, as far as it can be understood: a wire is somebody's. */
export function failureOf({ code: number, details: message, metadata }: StatusObject): WireFailure {
  const code = byNumber.get(number) ?? 'unknown'
  const [raw] = metadata.get(detailsKey)
  const found = raw instanceof Buffer ? read(raw) : undefined
  // Details of another code are not those of this status.
  if (found === undefined || found.code !== number) return { code, message }
  return { code, tag: found.tag, message: found.message || message, details: found.details }
}

interface Read {
  readonly code: number
  readonly message: string
  readonly tag: string | undefined
  readonly details: unknown
}

function read(raw: Buffer): Read | undefined {
  try {
    const {
      code = 0,
      message = '',
      details = [],
    } = types.status.decode(raw) as unknown as {
      readonly code?: number
      readonly message?: string
      readonly details?: readonly Any[]
    }
    const of = (type: protobuf.Type): unknown => {
      const any = details.find(({ typeUrl }) => typeUrl === url(type))
      return any?.value === undefined ? undefined : type.decode(any.value)
    }
    const info = of(types.info) as { readonly reason?: string } | undefined
    const exact = of(types.struct) as object | undefined
    const known = exact === undefined ? fromStandard(of(types.bad), of(types.retry)) : struct.back(exact as never)
    return { code, message, tag: info?.reason, details: known }
  } catch {
    // Bytes that are none of google.rpc's: the status still says what it says.
    return undefined
  }
}

/** What peers say that do not know our details. */
function fromStandard(bad: unknown, retry: unknown): unknown {
  const { fieldViolations } = (bad ?? {}) as {
    readonly fieldViolations?: readonly { readonly field?: string; readonly description?: string }[]
  }
  const { retryDelay } = (retry ?? {}) as {
    readonly retryDelay?: { readonly seconds?: { toNumber(): number } | number; readonly nanos?: number } | null
  }
  const issues = fieldViolations?.map(({ field = '', description = '' }) => ({
    path: field,
    expected: description,
    actual: '',
  }))
  const seconds = typeof retryDelay?.seconds === 'number' ? retryDelay.seconds : (retryDelay?.seconds?.toNumber() ?? 0)
  const retryAfter = retryDelay ? seconds * 1_000 + (retryDelay.nanos ?? 0) / 1e6 : undefined
  if (issues === undefined && retryAfter === undefined) return undefined
  return { ...(issues && { issues }), ...(retryAfter !== undefined && { retryAfter }) }
}
