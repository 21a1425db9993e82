// Contracts printed as .protos: the text, the numbers that stay, what has no form, and that it always binds.
import { annotate, clientStream, contract, duplex, event, serverStream, unary } from '@tenon/contract'
import fc from 'fast-check'
import * as t from 'io-ts'
import { BigIntFromString } from 'io-ts-types/lib/BigIntFromString.js'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { describe, expect, it } from 'vitest'
import { bindContract } from './bind.ts'
import { loadText } from './load.ts'
import type { ProtoLock } from './lock.ts'
import { ProtoMismatch } from './mismatch.ts'
import { toProto } from './print.ts'

const Line = t.strict({ sku: t.string, qty: t.Int }, 'Line')
const Payment = t.union([
  t.strict({ by: t.literal('card'), last4: t.string }),
  t.strict({ by: t.literal('bankTransfer'), iban: t.string }),
])
const Orders = contract('shop.orders.v1.Orders', {
  place: unary({
    description: 'Places an order.',
    input: t.intersection([
      t.strict({
        lines: t.array(Line),
        payment: Payment,
        placedAt: DateFromISOString,
        labels: t.record(t.string, t.string),
      }),
      t.partial({ note: t.string, first: Line, level: t.keyof({ low: null, veryHigh: null }) }),
    ]),
    output: t.strict({ id: BigIntFromString, total: t.number, extra: t.unknown, who: t.union([t.string, t.null]) }),
    idempotent: true,
  }),
  ping: unary({ input: t.void, output: t.void }),
  watch: serverStream({ input: t.strict({ id: t.string }), output: Line }),
  upload: clientStream({ input: Line, output: t.Int }),
  chat: duplex({ input: t.string, output: t.string }),
  placed: event({ message: Line }),
})

const One = <I extends t.Mixed>(input: I) => contract('a.v1.One', { go: unary({ input, output: t.void }) })

it('given a contract, when it is printed, then it is one file of proto3 that a reader of any language takes', () => {
  expect(toProto(Orders).text).toBe(`syntax = "proto3";

package shop.orders.v1;

import "google/protobuf/empty.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";

service Orders {
  // Places an order.
  rpc Place(PlaceRequest) returns (PlaceReply) {
    option idempotency_level = IDEMPOTENT;
  }
  rpc Ping(google.protobuf.Empty) returns (google.protobuf.Empty);
  rpc Watch(WatchRequest) returns (stream Line);
  rpc Upload(stream Line) returns (UploadReply);
  rpc Chat(stream ChatRequest) returns (stream ChatReply);
}

message PlaceRequest {
  repeated Line lines = 1;
  PlaceRequestPayment payment = 2;
  google.protobuf.Timestamp placed_at = 3;
  map<string, string> labels = 4;
  optional string note = 5;
  Line first = 6;
  optional PlaceRequestLevel level = 7;
}

message Line {
  string sku = 1;
  int64 qty = 2;
}

message PlaceRequestPayment {
  oneof by {
    PlaceRequestPaymentCard card = 1;
    PlaceRequestPaymentBankTransfer bank_transfer = 2;
  }
}

message PlaceRequestPaymentCard {
  string last4 = 1;
}

message PlaceRequestPaymentBankTransfer {
  string iban = 1;
}

enum PlaceRequestLevel {
  PLACE_REQUEST_LEVEL_UNSPECIFIED = 0;
  PLACE_REQUEST_LEVEL_LOW = 1;
  PLACE_REQUEST_LEVEL_VERY_HIGH = 2;
}

message PlaceReply {
  int64 id = 1;
  double total = 2;
  google.protobuf.Value extra = 3;
  optional string who = 4;
}

message WatchRequest {
  string id = 1;
}

message UploadReply {
  int64 value = 1;
}

message ChatRequest {
  string value = 1;
}

message ChatReply {
  string value = 1;
}
`)
})

describe('the lock', () => {
  const before = toProto(One(t.strict({ a: t.string, b: t.string, level: t.keyof({ low: null, high: null }) }))).lock

  it('given a lock, when fields come, go and move, then numbers stay, new ones follow, and what is gone is reserved', () => {
    const { text, lock } = toProto(
      One(t.strict({ level: t.keyof({ high: null, top: null }), c: t.string, b: t.string })),
      before,
    )
    expect(text).toContain(`message GoRequest {
  reserved 1;
  reserved "a";
  GoRequestLevel level = 3;
  string c = 4;
  string b = 2;
}`)
    expect(text).toContain(`enum GoRequestLevel {
  reserved 1;
  reserved "GO_REQUEST_LEVEL_LOW";
  GO_REQUEST_LEVEL_UNSPECIFIED = 0;
  GO_REQUEST_LEVEL_HIGH = 2;
  GO_REQUEST_LEVEL_TOP = 3;
}`)
    const again = toProto(One(t.strict({ a: t.string, b: t.string })), JSON.parse(JSON.stringify(lock)))
    expect(again.text).toContain('string a = 1;\n  string b = 2;')
    expect(again.text).toContain('reserved 3, 4;')
  })

  it('given a lock, when it is handed back, then the text is the same, and the lock given is not changed', () => {
    const { text, lock } = toProto(Orders)
    const kept = JSON.stringify(lock)
    expect(toProto(Orders, lock)).toEqual({ text, lock: JSON.parse(kept) })
    expect(JSON.stringify(lock)).toBe(kept)
  })

  it("given numbers up to protobuf's own, when one more is needed, then it comes after those", () => {
    const lock: ProtoLock = { version: 1, types: { GoRequest: { a: 18_999 } } }
    expect(toProto(One(t.strict({ a: t.string, b: t.string })), lock).text).toContain('string b = 20000;')
  })

  it.each([
    [{}, 'lock reads { "version": 1'],
    [{ version: 1, types: { M: { a: 'x' } } }, 'M.a has no field number but x'],
    [{ version: 1, types: { M: { a: 1, b: 1 } } }, 'M.b and M.a have one number, 1'],
    [{ version: 1, types: { M: { a: 2 ** 29 } } }, 'M.a has no field number but 536870912'],
    [{ version: 1, types: { M: { a: 0 } } }, 'M.a has no field number but 0'],
    [{ version: 1, types: { M: { a: 19_000 } } }, 'M.a has no field number but 19000'],
    [{ version: 1, types: { M: 5 } }, 'M has no fields but 5'],
  ])('given %j, when it is handed in as a lock, then the error says what is wrong', (lock, says) => {
    expect(() => toProto(One(t.void), lock as never)).toThrow(says)
  })
})

describe('what has no form', () => {
  it('given all of it at once, when printed, then one error names each place and what to do', () => {
    const codec = t.intersection([
      t.strict({
        pair: t.tuple([t.string, t.number]),
        either: t.union([t.string, t.number]),
        grid: t.array(t.array(t.string)),
        custom: new t.Type('Odd', t.string.is, t.string.validate, t.identity),
        '1st': t.string,
        userId: t.string,
        user_id: t.string,
      }),
      t.partial({ tags: t.array(t.string), both: t.union([t.string, t.null]) }),
    ])
    let found: ProtoMismatch | undefined
    try {
      toProto(One(codec))
    } catch (cause) {
      found = cause as ProtoMismatch
    }
    expect(found).toBeInstanceOf(ProtoMismatch)
    expect(found?.mismatches.map(({ path }) => path)).toEqual([
      'go.input.pair',
      'go.input.either',
      'go.input.grid[]',
      'go.input.custom',
      'go.input.1st',
      'go.input.tags',
      'go.input.both',
      'go.input',
    ])
    expect(found?.message).toContain('a.v1.One: the contract cannot be written as .proto in 8 places:')
    expect(found?.message).toContain('go.input.grid[]: the contract has a list of string, a .proto no form for it')
    expect(found?.message).not.toContain('differ')
    expect(found?.message).toContain('give its members a tag: a literal of one key')
    expect(found?.message).toContain('two fields that are user_id in snake case')
  })
})

interface Sample {
  readonly codec: t.Mixed
  /** As the codec encodes it. */
  readonly value: fc.Arbitrary<unknown>
}
const sample = (codec: t.Mixed, value: fc.Arbitrary<unknown>): Sample => ({ codec, value })
const isList = ({ codec }: Sample): boolean => codec instanceof t.ArrayType
const text = fc.string({ unit: 'grapheme', maxLength: 8 })
const name = fc.stringMatching(/^[a-z][a-zA-Z]{0,6}$/)
const Bytes = annotate(t.string, { schema: { format: 'byte' } })

const leaf: fc.Arbitrary<Sample> = fc.constantFrom(
  sample(t.string, text),
  sample(t.number, fc.double({ noNaN: true })),
  sample(t.Int, fc.maxSafeInteger()),
  sample(
    annotate(t.refinement(t.number, Number.isSafeInteger, 'Whole'), { schema: { type: 'integer' } }),
    fc.maxSafeInteger(),
  ),
  sample(t.boolean, fc.boolean()),
  sample(t.keyof({ low: null, high: null }), fc.constantFrom('low', 'high')),
  sample(BigIntFromString, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  sample(
    DateFromISOString,
    fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }).map((d) => d.toISOString()),
  ),
  sample(
    Bytes,
    fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  ),
  sample(
    t.unknown,
    fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('-0')),
  ),
)

const object: fc.Memo<Sample> = fc.memo((depth) =>
  fc
    .uniqueArray(fc.record({ key: name, of: depth > 1 ? field(depth - 1) : leaf, optional: fc.boolean() }), {
      selector: ({ key }) => key.toLowerCase(),
      minLength: 1,
      maxLength: 4,
    })
    .map((fields) => {
      const pick = (optional: boolean) => fields.filter((each) => each.optional === optional && !isList(each.of))
      const lists = fields.filter(({ of }) => isList(of))
      const props = (list: typeof fields): t.Props => Object.fromEntries(list.map(({ key, of }) => [key, of.codec]))
      const optional = pick(true).map(({ key }) => key)
      return sample(
        t.intersection([t.strict(props([...pick(false), ...lists])), t.partial(props(pick(true)))]),
        fc.record(Object.fromEntries(fields.map(({ key, of }) => [key, of.value])), {
          requiredKeys: fields.map(({ key }) => key).filter((key) => !optional.includes(key)),
        }),
      )
    }),
)

const union = (a: Sample, b: Sample): Sample => {
  const tagged = (tag: string, { codec }: Sample): t.Mixed =>
    t.intersection([t.strict({ kind: t.literal(tag) }), t.strict({ inner: codec })])
  return sample(
    t.union([tagged('first', a), tagged('theSecond', b)]),
    fc.oneof(
      fc.record({ kind: fc.constant('first'), inner: a.value }),
      fc.record({ kind: fc.constant('theSecond'), inner: b.value }),
    ),
  )
}

const field: fc.Memo<Sample> = fc.memo((depth) =>
  fc.oneof(
    leaf,
    object(depth),
    leaf.map(({ codec, value }) => sample(t.array(codec), fc.array(value, { maxLength: 3 }))),
    fc.tuple(object(depth), object(depth)).map(([a, b]) => union(a, b)),
  ),
)

it('given any contract of these kinds, when it is printed, bound and used, then values come back equal', () => {
  fc.assert(
    fc.property(
      object(3).chain(({ codec, value }) =>
        fc.tuple(fc.constant(codec), fc.array(value, { minLength: 1, maxLength: 3 })),
      ),
      ([codec, values]) => {
        const printed = One(codec)
        const bound = bindContract(printed, loadText(toProto(printed).text)).get('go')
        for (const value of values) expect(bound?.input.read(bound.input.write(value))).toEqual(value)
      },
    ),
    { numRuns: 60, seed: 7 },
  )
})
