// What crosses: values of every kind arrive as they were.
import assert from 'node:assert/strict'
import { call, ok } from '@tenon/endpoint'
import { type Case, group, right } from '../case.ts'
import { type Everything, Open, type Shape, type Tree } from '../everything.ts'

const plain: Everything = {
  text: 'oak',
  whole: 7,
  ratio: 0.5,
  yes: true,
  level: 'low',
  at: new Date('2026-01-02T03:04:05.678Z'),
  tags: ['a', 'b'],
  counts: { one: 1, two: 2 },
  inner: { deep: { text: 'inside' } },
  shapes: [
    { kind: 'circle', radius: 1.5 },
    { kind: 'box', width: 2, height: 3 },
  ],
  tree: { name: 'root', branches: [{ name: 'leaf', branches: [] }] },
}
const empty: Everything = {
  ...plain,
  text: '',
  whole: 0,
  ratio: 0,
  yes: false,
  at: new Date(0),
  tags: [],
  counts: {},
  inner: { deep: { text: '' } },
  shapes: [],
  tree: { name: '', branches: [] },
}

async function echoes(stage: Parameters<Case['run']>[0], values: readonly Everything[]): Promise<void> {
  const { client } = await stage.open({ echo: (value) => ok(value) })
  for (const value of values) assert.deepEqual(right(await call(client.echo, value)), value)
}

const texts: readonly string[] = [
  'ASCII only',
  'Ünïcödé – ₤ 語 🌳 👩‍👩‍👧 e\u0301',
  'line\nfeed\r\nand\ttab, "quotes" \\ and / and \u2028',
  '\u0000\u0001\u001f\u007f',
  'right to left: \u202e\u05d0\u05d1',
  ' spaces at both ends ',
  '__proto__',
  'null',
  'x'.repeat(100_000),
]
const ratios: readonly number[] = [
  0.1,
  -1.5,
  1e-300,
  1.7976931348623157e308,
  5e-324,
  Number.EPSILON,
  123_456_789.987_654_3,
  2 ** 53,
]
const wholes: readonly number[] = [1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53 - 1)]

const deep = (levels: number): Tree =>
  levels === 0 ? { name: 'end', branches: [] } : { name: `${levels}`, branches: [deep(levels - 1)] }
const wide: readonly Shape[] = Array.from({ length: 500 }, (_, n) =>
  n % 2 === 0 ? { kind: 'circle', radius: n } : { kind: 'box', width: n, height: -n },
)

export const kinds: readonly Case[] = group('kinds', {
  every: {
    says: 'given a value with a field of every kind, when it is echoed, then the caller gets an equal one',
    run: (stage) => echoes(stage, [plain]),
  },
  empty: {
    says: 'given zeros, empty texts, lists and records, when they are echoed, then they are still there',
    run: (stage) => echoes(stage, [empty]),
  },
  optional: {
    says: 'given optional fields that are absent, zero or false, when they are echoed, then absent stays absent',
    async run(stage) {
      const { client } = await stage.open({ echo: (value) => ok(value) })
      const present = { note: '', number: 0, flag: false }
      assert.deepEqual(right(await call(client.echo, { ...plain, ...present })), { ...plain, ...present })
      const answer = right(await call(client.echo, plain))
      for (const key of Object.keys(present)) assert.equal(Object.hasOwn(answer, key), false, `${key} is there`)
    },
  },
  texts: {
    says: 'given texts of every script, control characters and 100,000 characters, when they are echoed, then no character changes',
    run: (stage) =>
      echoes(
        stage,
        texts.map((text) => ({ ...plain, text, tags: [text], note: text })),
      ),
  },
  keys: {
    says: 'given keys that objects have by themselves, when they are echoed in a record, then they are ordinary keys',
    run: (stage) => echoes(stage, [{ ...plain, counts: { constructor: 1, toString: 2, 'a b': 3, é: 4, '': 5 } }]),
  },
  numbers: {
    says: 'given the largest, the smallest and the most exact numbers, when they are echoed, then no bit is lost',
    run: (stage) =>
      echoes(stage, [...ratios.map((ratio) => ({ ...plain, ratio })), ...wholes.map((whole) => ({ ...plain, whole }))]),
  },
  nested: {
    says: 'given a recursion 30 levels deep and 500 members of a union, when they are echoed, then each is what it was',
    run: (stage) => echoes(stage, [{ ...plain, tree: deep(30), shapes: wide }]),
  },
  nothing: {
    says: 'given a method that takes and gives nothing, when it is called, then it was called and gives undefined',
    async run(stage) {
      let calls = 0
      const { client } = await stage.open({
        nothing: (input) => {
          assert.equal(input, undefined)
          calls++
          return ok()
        },
      })
      assert.equal(right(await call(client.nothing, undefined)), undefined)
      assert.equal(calls, 1)
    },
  },
  places: {
    says: 'given fields that may travel in a path and a query, when they hold slashes, blanks and percent signs, then they arrive',
    async run(stage) {
      const { client } = await stage.open({ find: (value) => ok(value) })
      for (const id of ['7', 'a/b', 'a b?c#d', '100 %', '%2F', 'ä&=+', "'();:@$,*!"])
        for (const tags of [[], [id], ['x', '', id]]) {
          const value = { id, tags, page: tags.length }
          assert.deepEqual(right(await call(client.find, value)), value)
        }
    },
  },
  anything: {
    says: 'given a codec that takes anything, when JSON values of every kind are echoed, then they are equal',
    needs: ['anything'],
    async run(stage) {
      const { server } = await stage.open({ any: (value) => ok(value) })
      const client = server.client(Open)
      for (const value of [null, true, 0, -0.5, '', 'text', [], {}, [null, [1, { a: [] }]], { a: { b: null } }])
        assert.deepEqual(right(await call(client.any, value)), value)
    },
  },
  own: {
    says: "given a value, when it has crossed, then the server's is a copy: nobody shares an object with the caller",
    async run(stage) {
      let seen: Everything | undefined
      const { client } = await stage.open({
        echo: (value) => {
          seen = value
          return ok(value)
        },
      })
      const answer = right(await call(client.echo, plain))
      assert.notEqual(seen, plain)
      assert.notEqual(answer, seen)
      assert.ok(answer.at instanceof Date && answer.at !== plain.at)
    },
  },
  unknownKeys: {
    says: 'given an answer with a field that the contract does not know, when it crosses, then the field does not',
    async run(stage) {
      const { client } = await stage.open({ echo: (value) => ok({ ...value, password: 'hunter2' }) })
      assert.deepEqual(right(await call(client.echo, plain)), plain)
    },
  },
})
