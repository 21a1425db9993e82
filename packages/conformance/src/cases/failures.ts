// How a call fails: what is declared comes back typed, all else by its code, and no cause ever crosses.
import assert from 'node:assert/strict'
import { implement } from '@tenon/contract'
import { type Code, call, codes, endpoint, type Failure, fail, ok, stream, subscribe } from '@tenon/endpoint'
import { type Case, eventually, group, left, like, right } from '../case.ts'
import { Closed, Crowded, Lax, Refused, Suite } from '../everything.ts'

const at = new Date('2026-01-02T03:04:05.678Z')
const secret = 'the password is hunter2'

export const failures: readonly Case[] = group('failures', {
  declared: {
    says: 'given a declared failure, when a handler answers it, then the caller gets it with its decoded details and message',
    async run(stage) {
      const refused = Refused({ why: 'no', at, message: 'not today' })
      const { client } = await stage.open({ act: () => fail(refused) })
      assert.deepEqual(left(await call(client.act, { what: '' })), refused)
    },
  },
  plain: {
    says: 'given a declared failure without details, of a code that another has too, when it crosses, then it is that one',
    async run(stage) {
      const { client } = await stage.open({ act: () => fail(Closed()) })
      assert.deepEqual(left(await call(client.act, { what: '' })), Closed())
    },
  },
  ofTheWay: {
    says: 'given a declared failure whose code is one of the way, when it crosses, then it is still that failure',
    async run(stage) {
      const { client } = await stage.open({ act: () => fail(Crowded({ limit: 3 })) })
      assert.deepEqual(left(await call(client.act, { what: '' })), Crowded({ limit: 3 }))
    },
  },
  unicode: {
    says: 'given a failure whose message and details are of every script, when it crosses, then no character changes',
    async run(stage) {
      const why = 'Ünï – 語 🌳\n"\\ %25'
      const { client } = await stage.open({ act: () => fail(Refused({ why, at, message: why })) })
      assert.deepEqual(left(await call(client.act, { what: '' })), Refused({ why, at, message: why }))
    },
  },
  undeclared: {
    says: 'given a failure that is not declared, of each code, when it crosses, then the caller has its code, tag and message',
    async run(stage) {
      const { client } = await stage.open({
        act: (code) => fail({ _tag: 'Teapot', code: code as Code, message: `short and ${code}` } as Failure),
      })
      for (const code of Object.keys(codes))
        assert.deepEqual(left(await call(client.act, { what: code })), {
          _tag: 'Remote',
          code,
          tag: 'Teapot',
          message: `short and ${code}`,
        })
    },
  },
  known: {
    says: 'given Unavailable with a time to wait, when it crosses, then the caller gets Unavailable with that time',
    async run(stage) {
      const busy = { _tag: 'Unavailable', code: 'unavailable', message: 'busy', retryAfter: 1_500 }
      const { client } = await stage.open({ act: () => fail(busy as Failure) })
      assert.deepEqual(left(await call(client.act, { what: '' })), busy)
    },
  },
  impostor: {
    says: 'given a failure with the tag of a declared one and other details, when it crosses, then it is not taken for it',
    async run(stage) {
      const { client } = await stage.open({
        act: () => fail({ _tag: 'Refused', code: 'failed_precondition', message: 'no', why: 7 } as Failure),
      })
      like(left(await call(client.act, { what: '' })), { _tag: 'Remote', code: 'failed_precondition' })
    },
  },
  defect: {
    says: 'given a handler that throws, rejects or answers nonsense, when it is called, then the caller gets `internal` and no cause, and the server reports it',
    async run(stage) {
      const thrown = new Error(secret)
      let reported = 0
      using _listening = subscribe(
        (event) => {
          if (event.kind === 'defect' && event.cause === thrown) reported++
        },
        ['defect'],
      )
      const { client } = await stage.open({
        act: (how) => {
          if (how === 'throw') throw thrown
          if (how === 'reject') return Promise.reject(thrown)
          if (how === 'undefined') return undefined as never
          if (how === 'empty') throw undefined
          return ok({ n: secret })
        },
      })
      for (const what of ['throw', 'reject', 'undefined', 'empty', 'encode']) {
        const failure = left(await call(client.act, { what }))
        // Which of the two sides finds that a value has the wrong type is the wire's business.
        like(failure, { _tag: 'Remote', code: 'internal', ...(what !== 'encode' && { tag: 'Defect' }) })
        assert.equal(JSON.stringify(failure).includes('hunter2'), false, 'the cause has crossed')
      }
      await eventually('what was thrown is reported', () => reported === 2)
    },
  },
  after: {
    says: 'given calls that failed in every way, when the next one comes, then it is answered as if nothing had been',
    async run(stage) {
      const { client } = await stage.open({
        act: (how) => {
          if (how === 'throw') throw new Error(secret)
          return how === 'fail' ? fail(Closed()) : ok({ n: 1 })
        },
      })
      for (const what of ['throw', 'fail', 'throw', 'fail']) left(await call(client.act, { what }))
      assert.deepEqual(right(await call(client.act, { what: '' })), { n: 1 })
    },
  },
  badInput: {
    says: 'given an input that does not fit, when another version sends it, then it gets InvalidArgument with the path of each wrong field, and no handler runs',
    needs: ['lax'],
    async run(stage) {
      const { server } = await stage.open({})
      const client = server.client(Lax)
      const failure = left(await call(client.act, { what: 7, more: true }))
      assert.deepEqual(failure, {
        _tag: 'InvalidArgument',
        code: 'invalid_argument',
        message: 'what: expected string, got number (and 1 more)',
        issues: [
          { path: 'what', expected: 'string', actual: 'number' },
          { path: 'more', expected: 'no such field', actual: 'boolean' },
        ],
      })
    },
  },
  badOutput: {
    says: "given an answer that does not fit the caller's contract, when it arrives, then it is `internal` and no value",
    needs: ['lax'],
    async run(stage) {
      const server = await stage.start([
        implement(Lax, {
          act: endpoint(() => ok({ n: 'one' }), Lax.methods.act),
          count: endpoint(() => ok(stream((async function* () {})())), Lax.methods.count),
          gone: endpoint(() => ok(), Lax.methods.gone),
        }),
      ])
      like(left(await call(server.client(Suite).act, { what: '' })), { _tag: 'Remote', code: 'internal' })
    },
  },
  unserved: {
    says: 'given a method that the server does not have, when it is called, then the caller gets `unimplemented`',
    needs: ['unserved'],
    async run(stage) {
      const { server } = await stage.open({})
      like(left(await call(server.client(Lax).gone, {})), { code: 'unimplemented' })
    },
  },
})
