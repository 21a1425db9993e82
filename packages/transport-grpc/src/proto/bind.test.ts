// Contracts bound to .proto texts: the table of kinds, every sort of difference, and what zero and absence mean.
import { annotate, clientStream, contract, duplex, event, serverStream, unary } from '@tenon/contract'
import * as t from 'io-ts'
import { BigIntFromString } from 'io-ts-types/lib/BigIntFromString.js'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { type BoundMethod, bindContract } from './bind.ts'
import { loadText } from './load.ts'
import { type Mismatch, ProtoMismatch } from './mismatch.ts'

const head = 'syntax = "proto3";\npackage a.v1;\n'
const google = ['timestamp', 'duration', 'struct', 'wrappers', 'empty']
  .map((name) => `import "google/protobuf/${name}.proto";\n`)
  .join('')

/** A method whose input is this codec, bound to a message of this body. */
function bound(input: t.Mixed, body: string, more = ''): BoundMethod {
  const One = contract('a.v1.One', { go: unary({ input, output: t.void }) })
  const text = `${head}${google}service One { rpc Go(In) returns (google.protobuf.Empty); }\n${more}\nmessage In { ${body} }`
  return bindContract(One, loadText(text)).get('go') as BoundMethod
}

/** What differs. */
function differences(input: t.Mixed, body: string, more = ''): readonly Mismatch[] {
  try {
    bound(input, body, more)
  } catch (cause) {
    if (cause instanceof ProtoMismatch) return cause.mismatches
    throw cause
  }
  return []
}

const through = ({ input }: BoundMethod, value: unknown): unknown => input.read(input.write(value))

const Bytes = annotate(t.string, { schema: { format: 'byte' } })
const Span = annotate(t.string, { schema: { format: 'duration' } })
const Long = annotate(t.string, { schema: { format: 'int64' } })
// Codecs with names of their own are described once, and what is said of them stands at each place where they are used.
const Whole = annotate(t.refinement(t.number, Number.isSafeInteger, 'Whole'), { schema: { type: 'integer' } })
const Named = annotate(Long, { title: 'Named' })
const Level = t.keyof({ low: null, veryHigh: null })
const levels = 'enum Level { LEVEL_UNSPECIFIED = 0; LEVEL_LOW = 1; LEVEL_VERY_HIGH = 2; }'

it('given bytes that are no Buffer, when they are read, then texts are what they say', () => {
  const { input } = bound(t.strict({ s: t.string }), 'string s = 1;')
  const within = new Uint8Array([0, ...input.write({ s: 'Straße' }), 0])
  expect(input.read(within.subarray(1, -1))).toEqual({ s: 'Straße' })
})

describe('the table of kinds', () => {
  const int = { int32: 1, sint32: 1, sfixed32: 1, int64: 1, sint64: 1, sfixed64: 1, uint32: 1, fixed32: 1 }
  const rows: readonly [name: string, codec: t.Mixed, types: readonly string[], values: readonly unknown[]][] = [
    ['t.string', t.string, ['string'], ['', 'ünï', 'a\u0000b', '\ufffd', '😀']],
    ['t.number', t.number, ['double'], [0, -0.5, Number.MAX_VALUE, 5e-324, Number.POSITIVE_INFINITY]],
    ['t.Int', t.Int, [...Object.keys(int), 'uint64', 'fixed64', 'double'], [0, 1, 2 ** 31 - 1]],
    ['a refinement of schema integer', Whole, [...Object.keys(int), 'uint64', 'fixed64', 'double'], [0, 2 ** 31 - 1]],
    ['t.boolean', t.boolean, ['bool'], [true, false]],
    ['BigIntFromString', BigIntFromString, ['int64', 'sint64', 'sfixed64', 'string'], ['0', '-9223372036854775808']],
    ['an unsigned BigIntFromString', BigIntFromString, ['uint64', 'fixed64'], ['18446744073709551615']],
    ['text of format int64', Long, ['int64', 'string'], ['9223372036854775807']],
    ['text of format int64 with a name', Named, ['int64', 'string'], ['9223372036854775807']],
    ['text of format byte', Bytes, ['bytes', 'string'], ['', 'AAEC', '/+8=']],
    ['t.literal of text', t.literal('a'), ['string'], ['a']],
    ['t.keyof', Level, ['string'], ['low', 'veryHigh']],
    ['DateFromISOString', DateFromISOString, ['string'], ['1969-12-31T23:59:59.999Z']],
    ['text of format duration', Span, ['string'], ['1.5s']],
  ]
  const scalars =
    'double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64 bool string bytes'.split(
      ' ',
    )

  it.each(rows)(
    'given %s, when it is bound to what it goes with, then values cross unchanged',
    (_, codec, types, values) => {
      for (const type of types)
        for (const value of values) {
          if (type.includes('32') && typeof value === 'number' && Math.abs(value) > 2 ** 31) continue
          expect(through(bound(t.strict({ x: codec }), `${type} x = 1;`), { x: value }), type).toEqual({ x: value })
        }
    },
  )

  it.each(rows.filter(([name]) => !name.startsWith('an unsigned')))(
    'given %s, when it is bound to any other scalar, then it is a difference that names both',
    (_, codec, types) => {
      const alike = [BigIntFromString, Long, Named].includes(codec as never)
        ? ['uint64', 'fixed64', 'sint64', 'sfixed64']
        : []
      for (const type of scalars.filter((each) => ![...types, ...alike].includes(each))) {
        const found = differences(t.strict({ x: codec }), `${type} x = 1;`)
        expect(found, type).toHaveLength(1)
        expect(found[0]).toMatchObject({ path: 'go.input.x', proto: type })
      }
    },
  )

  it('given an enum, when it is bound to literals, then each is the value of its name, with the prefix or without', () => {
    for (const text of [levels, levels.replaceAll('LEVEL_LOW', 'LOW').replaceAll('LEVEL_VERY_HIGH', 'VERY_HIGH')]) {
      const method = bound(t.strict({ x: Level }), 'Level x = 1;', text)
      expect(through(method, { x: 'veryHigh' })).toEqual({ x: 'veryHigh' })
      expect(method.input.write({ x: 'veryHigh' })).toEqual(Buffer.from([8, 2]))
    }
  })

  it('given an enum value that nobody knows, when it is read, then it is no value of the contract', () => {
    const method = bound(t.strict({ x: Level }), 'Level x = 1;', levels)
    expect(method.input.read(Buffer.from([8, 9]))).toEqual({ x: '9' })
    expect(method.input.read(Buffer.from([]))).toEqual({ x: 'LEVEL_UNSPECIFIED' })
  })

  it('given lists, maps and objects in objects, when they cross, then they are equal', () => {
    const Inner = t.strict({ a: t.string, n: t.Int })
    const codec = t.strict({ list: t.array(t.Int), all: t.array(Inner), map: t.record(t.string, Inner), one: Inner })
    const method = bound(
      codec,
      'repeated int32 list = 1; repeated Inner all = 2; map<string, Inner> map = 3; Inner one = 4;',
      'message Inner { string a = 1; int64 n = 2; }',
    )
    const inner = { a: 'x', n: Number.MAX_SAFE_INTEGER }
    const value = { list: [0, 1, -5], all: [inner, inner], map: { constructor: inner, '': inner }, one: inner }
    expect(through(method, value)).toEqual(value)
    expect(through(method, { list: [], all: [], map: {}, one: inner })).toEqual({
      list: [],
      all: [],
      map: {},
      one: inner,
    })
  })

  it('given a recursion, when it crosses, then it is equal', () => {
    interface Tree {
      readonly name: string
      readonly branches: readonly Tree[]
    }
    const Tree: t.Type<Tree, unknown> = t.recursion('Tree', (self) =>
      t.strict({ name: t.string, branches: t.readonlyArray(self) }),
    )
    const method = bound(
      t.strict({ root: Tree }),
      'Tree root = 1;',
      'message Tree { string name = 1; repeated Tree branches = 2; }',
    )
    const value = {
      root: {
        name: 'a',
        branches: [
          { name: 'b', branches: [] },
          { name: '', branches: [] },
        ],
      },
    }
    expect(through(method, value)).toEqual(value)
  })

  it('given a union told apart by a tag, when it crosses, then it is a oneof of that name', () => {
    const Shape = t.union([
      t.strict({ kind: t.literal('circle'), radius: t.number }),
      t.strict({ kind: t.literal('wideBox'), width: t.number }),
    ])
    const body = 'oneof kind { Circle circle = 1; Box wide_box = 2; }'
    const more = 'message Circle { double radius = 1; } message Box { double width = 1; }'
    const method = bound(Shape, body, more)
    for (const value of [
      { kind: 'circle', radius: 0 },
      { kind: 'wideBox', width: 2 },
    ])
      expect(through(method, value)).toEqual(value)
    expect(differences(Shape, body.replace('kind', 'other').replace('Box wide_box = 2;', ''), more)).toMatchObject([
      { path: 'go.input.kind=wideBox', contract: 'a member of the union', proto: 'no field wide_box in oneof other' },
    ])
    expect(differences(Shape, 'Circle circle = 1;', more).map(({ proto }) => proto)).toContain(
      'no oneof kind in a.v1.In',
    )
  })

  it.each([
    [
      'Timestamp',
      DateFromISOString,
      ['1969-12-31T23:59:59.999Z', '2026-01-02T03:04:05.000Z', '9999-12-31T23:59:59.999Z'],
    ],
    ['Duration', Span, ['0s', '1.500s', '-0.000000001s', '-3.250s', '315576000000s']],
    ['Value', t.unknown, [null, 0, '', false, [null, { a: 1 }], { '': {} }]],
    ['Struct', t.record(t.string, t.unknown), [{}, { a: null, b: [1], c: { d: 'e' } }]],
    ['StringValue', t.string, ['', 'a']],
    ['Int64Value', BigIntFromString, ['0', '-1']],
    ['BoolValue', t.boolean, [false, true]],
    ['DoubleValue', t.number, [0, 1.5]],
    ['BytesValue', Bytes, ['', 'AAEC']],
  ])('given google.protobuf.%s, when values cross, then they are what protobuf has in JSON', (type, codec, values) => {
    const method = bound(t.strict({ x: codec as t.Mixed }), `google.protobuf.${type} x = 1;`)
    for (const value of values) expect(through(method, { x: value })).toEqual({ x: value })
  })

  it('given nanoseconds of others, when a time or a duration is read, then none is lost', () => {
    const method = bound(
      t.strict({ at: DateFromISOString, span: Span }),
      'google.protobuf.Timestamp at = 1; google.protobuf.Duration span = 2;',
    )
    const value = { at: '2026-01-02T03:04:05.123456789Z', span: '0.000000001s' }
    expect(through(method, value)).toEqual(value)
  })

  it('given what is no object, when it is a whole message, then it is alone in its one field "value"', () => {
    expect(through(bound(t.string, 'string value = 1;'), '')).toBe('')
    expect(through(bound(t.array(t.Int), 'repeated int64 value = 1;'), [1, 2])).toEqual([1, 2])
    expect(differences(t.string, 'string other = 1;')).toMatchObject([{ path: 'go.input', proto: 'message a.v1.In' }])
  })

  it('given nothing, when it is a whole message, then the message is empty', () => {
    expect(through(bound(t.void, ''), undefined)).toBeUndefined()
    expect(differences(t.void, 'string a = 1;')).toMatchObject([{ path: 'go.input.a', contract: 'no such field' }])
  })

  it('given names in other cases, when they are bound, then snake case, the same and the name of JSON fit', () => {
    const codec = t.strict({ sleepMs: t.Int, v2: t.Int, as_is: t.Int, renamed: t.Int })
    const method = bound(
      codec,
      'int32 sleep_ms = 1; int32 v_2 = 2; int32 as_is = 3; int32 x = 4 [json_name = "renamed"];',
    )
    expect(through(method, { sleepMs: 1, v2: 2, as_is: 3, renamed: 4 })).toEqual({
      sleepMs: 1,
      v2: 2,
      as_is: 3,
      renamed: 4,
    })
  })
})

describe('zero and absence', () => {
  it('given required scalars that are zero, when they are written, then they take no bytes, but for -0 and those that may be absent', () => {
    const codec = t.intersection([
      t.strict({ s: t.string, n: t.number, i: t.Int, l: BigIntFromString, b: t.boolean, x: Bytes }),
      t.partial({ o: t.string }),
    ])
    const method = bound(
      codec,
      'string s = 1; double n = 2; int64 i = 3; int64 l = 4; bool b = 5; bytes x = 6; optional string o = 7;',
    )
    const zero = { s: '', n: 0, i: 0, l: '0', b: false, x: '' }
    expect(method.input.write(zero)).toEqual(Buffer.alloc(0))
    expect(through(method, zero)).toEqual(zero)
    expect(method.input.write({ ...zero, o: '' })).toEqual(Buffer.from([58, 0]))
    expect(through(method, { ...zero, n: -0 })).toEqual({ ...zero, n: -0 })
    expect(method.input.write({ ...zero, i: 1 })).toEqual(Buffer.from([24, 1]))
  })

  it('given required scalars, when their fields are absent, then they are zero, as protobuf says', () => {
    const codec = t.strict({
      s: t.string,
      n: t.number,
      i: t.Int,
      b: t.boolean,
      l: t.array(t.string),
      m: t.record(t.string, t.string),
    })
    const body =
      'string s = 1; double n = 2; int64 i = 3; bool b = 4; repeated string l = 5; map<string, string> m = 6;'
    const zero = { s: '', n: 0, i: 0, b: false, l: [], m: {} }
    expect(bound(codec, body).input.read(Buffer.alloc(0))).toEqual(zero)
    expect(through(bound(codec, body), zero)).toEqual(zero)
  })

  it('given optional fields, when they are zero or absent, then each stays what it is', () => {
    const codec = t.partial({ s: t.string, n: t.number, e: Level, w: t.string, m: t.strict({ x: t.string }) })
    const body =
      'optional string s = 1; optional double n = 2; optional Level e = 3; google.protobuf.StringValue w = 4; M m = 5;'
    const method = bound(codec, body, `${levels} message M { string x = 1; }`)
    for (const value of [{}, { s: '', n: 0 }, { e: 'low', w: '' }, { m: { x: '' } }])
      expect(through(method, value)).toEqual(value)
  })

  it('given a field that may be null, when it is null, then it is absent on the wire and null again', () => {
    const method = bound(t.strict({ x: t.union([t.string, t.null]) }), 'optional string x = 1;')
    expect(method.input.write({ x: null })).toHaveLength(0)
    for (const value of [{ x: null }, { x: '' }]) expect(through(method, value)).toEqual(value)
  })

  it('given a required object, when its field is absent, then it is absent to the codec, which refuses it', () => {
    const method = bound(t.strict({ m: t.strict({ x: t.string }) }), 'M m = 1;', 'message M { string x = 1; }')
    expect(method.input.read(Buffer.alloc(0))).toEqual({})
  })

  it('given keys that every object has by itself, when they are absent, then they stay absent', () => {
    expect(
      bound(t.partial({ constructor: t.string }), 'optional string constructor = 1;').input.write({}),
    ).toHaveLength(0)
  })
})

describe('what would be lost', () => {
  it.each([
    ['int32', t.Int, 2 ** 31],
    ['uint32', t.Int, -1],
    ['int64', t.Int, 2 ** 53],
    ['uint64', t.Int, -1],
    ['int64', BigIntFromString, '9223372036854775808'],
    ['uint64', BigIntFromString, '-1'],
    ['bytes', Bytes, 'no base64!'],
    ['google.protobuf.Timestamp', DateFromISOString, 'yesterday'],
    ['google.protobuf.Duration', Span, '1 s'],
  ])(
    'given %s, when %s is %s, then it is not written, and its field is told without the value',
    (type, codec, value) => {
      const { input } = bound(t.strict({ x: codec as t.Mixed }), `${type} x = 1;`)
      const issue = {
        path: 'x',
        expected: expect.any(String),
        actual: expect.stringMatching(/^another (?:number|text)$/),
      }
      const lossy = expect.objectContaining({ name: 'Lossy', issue, message: expect.not.stringContaining(`${value}`) })
      expect(() => input.write({ x: value })).toThrow(lossy)
    },
  )

  it.each(['int32', 'uint32', 'int64', 'uint64', 'fixed64'])(
    'given %s, when a number is not whole, then that is what is said of it, and not that it is too large',
    (type) => {
      const { input } = bound(t.strict({ x: t.Int }), `${type} x = 1;`)
      for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => input.write({ x: value })).toThrow(`expected a whole number (${type}), got another number`)
    },
  )

  it('given an int64 beyond what a number holds exactly, when it is written, then that is said of it', () => {
    const { input } = bound(t.strict({ x: t.Int }), 'int64 x = 1;')
    expect(() => input.write({ x: 2 ** 53 })).toThrow('expected int64 that a number holds exactly, got another number')
  })

  it('given a number that does not fit deep inside, then its path is told, but no key of a map', () => {
    const inner = t.strict({ all: t.array(t.strict({ n: t.Int })), by: t.record(t.string, t.Int) })
    const proto =
      'message Inner { message N { int32 n = 1; } repeated N all = 1; map<string, int32> by = 2; } Inner inner = 1;'
    const { input } = bound(t.strict({ inner }), proto)
    const issueOf = (value: unknown): unknown => {
      try {
        return input.write(value)
      } catch (cause) {
        return (cause as { readonly issue?: unknown }).issue
      }
    }
    const wrong = { expected: 'int32', actual: 'another number' }
    const all = [{ n: 1 }, { n: 2 ** 31 }]
    expect(issueOf({ inner: { all, by: {} } })).toEqual({ path: 'inner.all[1].n', ...wrong })
    expect(issueOf({ inner: { all: [], by: { key: 2 ** 31 } } })).toEqual({ path: 'inner.by', ...wrong })
  })

  it('given an int64 that no number holds, when it is read as a number, then it is refused', () => {
    const big = bound(t.strict({ x: BigIntFromString }), 'int64 x = 1;')
    const small = bound(t.strict({ x: t.Int }), 'int64 x = 1;')
    expect(() => small.input.read(big.input.write({ x: '9007199254740993' }))).toThrow(
      expect.objectContaining({
        issue: { path: 'x', expected: 'a number that can be held exactly', actual: 'a larger one' },
      }),
    )
  })
})

describe('bytes that are no such message', () => {
  const { input } = bound(t.strict({ x: t.string }), 'string x = 1;')
  it.each([
    ['a text that is cut off', [10, 5, 97]],
    ['a text that is no UTF-8', [10, 2, 0xc3, 0x28]],
    ['half a character', [10, 1, 0xe2]],
    ['half a number', [8, 0xff]],
    ['a group without an end', [11]],
  ])('given %s, when they are read, then they are refused', (_, bytes) => {
    expect(() => input.read(Buffer.from(bytes))).toThrow()
  })

  it('given fields that nobody knows, when they are read, then they are left out', () => {
    expect(input.read(Buffer.from([10, 1, 97, 0xfa, 0x01, 1, 98]))).toEqual({ x: 'a' })
  })

  it('given messages in messages without end, when they are read, then they are refused', () => {
    interface Nodes {
      readonly next?: Nodes
    }
    const Node: t.Type<Nodes> = t.recursion('Node', (self) => t.partial({ next: self }))
    const method = bound(t.strict({ next: Node }), 'Node next = 1;', 'message Node { Node next = 1; }')
    let bytes = Buffer.alloc(0)
    for (let depth = 0; depth < 20_000; depth++) {
      const length = protobuf.Writer.create().uint32(10).uint32(bytes.length).finish()
      bytes = Buffer.concat([length, bytes])
    }
    expect(() => method.input.read(bytes)).toThrow()
  })
})

describe('differences', () => {
  it('given every sort at once, when bound, then one error has them all, each with its path and both types', () => {
    const All = contract('a.v1.All', {
      go: unary({
        input: t.intersection([
          t.strict({
            kept: t.string,
            missing: t.string,
            kind: t.number,
            always: t.string,
            list: t.string,
            level: Level,
          }),
          t.partial({ maybe: t.string, many: t.array(t.string) }),
        ]),
        output: t.strict({ deep: t.strict({ n: t.number }) }),
      }),
      watch: serverStream({ input: t.void, output: t.string }),
      up: clientStream({ input: t.string, output: t.void }),
      both: duplex({ input: t.string, output: t.string }),
      gone: unary({ input: t.void, output: t.void }),
      heard: event({ message: t.string }),
    })
    const text = `${head}import "google/protobuf/empty.proto";
      service All {
        rpc Go(In) returns (Out);
        rpc Watch(google.protobuf.Empty) returns (Text);
        rpc Up(Text) returns (google.protobuf.Empty);
        rpc Both(stream Text) returns (Text);
        rpc Extra(Text) returns (Text);
      }
      message In { string kept = 1; string kind = 2; optional string always = 3; repeated string list = 4; string maybe = 5;
        repeated string many = 6; Level level = 7; string more = 8; }
      enum Level { NONE = 0; LOW = 1; MIDDLE = 2; }
      message Out { Deep deep = 1; }
      message Deep { float n = 1; }
      message Text { string value = 1; }`
    let found: ProtoMismatch | undefined
    try {
      bindContract(All, loadText(text))
    } catch (cause) {
      found = cause as ProtoMismatch
    }
    expect(found).toBeInstanceOf(ProtoMismatch)
    expect(found?.mismatches.map(({ path, contract: ours, proto }) => [path, ours, proto])).toEqual([
      ['go.input.missing', 'string', 'no field missing in a.v1.In'],
      ['go.input.kind', 'number', 'string'],
      ['go.input.always', 'string', 'optional string'],
      ['go.input.list', 'string', 'repeated string'],
      ['go.input.level', '"low" | "veryHigh"', 'enum Level without a value for "veryHigh"'],
      ['go.input.level', '"low" | "veryHigh"', 'MIDDLE in enum Level'],
      ['go.input.maybe', 'string', 'string that is always there'],
      ['go.input.many', 'a list of string', 'repeated string'],
      ['go.input.more', 'no such field', 'string in a.v1.In'],
      ['go.output.deep.n', 'number', 'float'],
      ['watch', 'one message in, a stream out', 'one message in, one out'],
      ['up', 'a stream in, one message out', 'one message in, one out'],
      ['both', 'a stream in, a stream out', 'a stream in, one message out'],
      ['gone', 'a method', 'no rpc Gone in a.v1.All'],
      ['Extra', 'no such method', 'rpc Extra in a.v1.All'],
    ])
    expect(found?.message).toContain('a.v1.All: contract and .proto differ in 15 places:')
    expect(found?.message).toContain(
      '  go.input.kind: the contract has number, the .proto string (it goes with double)',
    )
  })

  it.each([
    ['a number for an object', t.strict({ x: t.strict({ y: t.string }) }), 'int32 x = 1;', 'int32'],
    ['an object for a number', t.strict({ x: t.number }), 'M x = 1;', 'a.v1.M'],
    [
      'a map of other keys',
      t.strict({ x: t.record(t.string, t.string) }),
      'map<int32, string> x = 1;',
      'map<int32, string>',
    ],
    [
      'a map for an object',
      t.strict({ x: t.strict({ y: t.string }) }),
      'map<string, string> x = 1;',
      'map<string, string>',
    ],
    [
      'an optional map',
      t.partial({ x: t.record(t.string, t.string) }),
      'map<string, string> x = 1;',
      'map<string, string>',
    ],
    ['a time for a text', t.strict({ x: t.string }), 'google.protobuf.Timestamp x = 1;', 'google.protobuf.Timestamp'],
    [
      'a wrapper of another kind',
      t.partial({ x: t.string }),
      'google.protobuf.Int32Value x = 1;',
      'google.protobuf.Int32Value',
    ],
    ['a field of a oneof', t.partial({ x: t.string }), 'oneof c { string x = 1; }', 'a member of oneof c'],
    ['both null and absent', t.partial({ x: t.union([t.string, t.null]) }), 'optional string x = 1;', 'string'],
    ['an enum for a number', t.strict({ x: t.number }), 'Level x = 1;', 'enum Level'],
    ['a list of lists', t.strict({ x: t.array(t.array(t.string)) }), 'repeated string x = 1;', 'string'],
    ['a union without a tag', t.strict({ x: t.union([t.string, t.number]) }), 'string x = 1;', 'string'],
  ])('given %s, when bound, then it is one difference', (_, codec, body, proto) => {
    expect(differences(codec, body, `${levels} message M { string y = 1; }`)).toMatchObject([
      { path: expect.stringContaining('go.input.x'), proto },
    ])
  })

  it('given a .proto without the service, when bound, then the error names those that there are', () => {
    const One = contract('a.v1.One', { go: unary({ input: t.void, output: t.void }) })
    expect(() => bindContract(One, loadText('syntax = "proto3"; package b; service Two {} message M {}'))).toThrow(
      'only b.Two',
    )
    expect(() => bindContract(One, loadText('syntax = "proto3"; message M {}'))).toThrow('only messages and no service')
  })
})
