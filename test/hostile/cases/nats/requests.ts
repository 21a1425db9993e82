// Requests: bodies, headers, subjects for the answer.

import { as, ask } from '../../harness/asks.ts'
import type { Attack, Family, Scale } from '../../harness/attack.ts'
import { fewNats } from '../../harness/hasty.ts'
import { base, saidBy, until } from '../../harness/nats.ts'
import { many, pass } from '../../harness/wire.ts'

const hello = '{"text":"hello"}'
/** Nearly all that the NATS server takes; less in a test. */
const most = (scale: Scale): number => (scale === 'quick' ? 131_072 : 1_048_000)
const invalid = { says: 'InvalidArgument', tells: 'onError' } as const

const bodies = [
  ask('nothing', '', { sends: 'no body where one goes', ...invalid, bound: 'the codec' }),
  ask('no JSON', 'rubbish', { sends: 'no JSON', ...invalid, bound: 'JSON' }),
  ask('no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {
    sends: 'bytes that are no UTF-8',
    ...invalid,
    bound: 'strict UTF-8',
  }),
  ask('all bytes', Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 167) % 256)), {
    sends: '4 KiB of all bytes there are',
    ...invalid,
    bound: 'strict UTF-8',
  }),
  ask('wrong type', '{"text":7}', { sends: 'a number where a text goes', ...invalid, bound: 'the codec' }),
  ask('null', 'null', { sends: '`null`', ...invalid, bound: 'the codec' }),
  ask('__proto__', '{"text":"x","__proto__":{"admin":true}}', {
    sends: '`__proto__` as a key',
    ...invalid,
    bound: 'refused',
  }),
  ask('1e999', '{"v":1e999}', {
    method: 'anything',
    sends: 'the number 1e999',
    ...invalid,
    bound: 'numbers that there are',
  }),
  ask('deep', (scale) => `{"v":${'['.repeat(most(scale) / 2 - 10)}${']'.repeat(most(scale) / 2 - 10)}}`, {
    method: 'anything',
    sends: 'a megabyte of brackets',
    ...invalid,
    bound: '64 levels',
    full: 20,
    peak: 400,
  }),
  ask('broken', (scale) => '['.repeat(most(scale)), {
    sends: 'a megabyte of opening brackets',
    ...invalid,
    bound: 'JSON',
    full: 20,
    peak: 400,
  }),
  ask('unknown keys', (scale) => `{${Array.from({ length: most(scale) / 16 }, (_, i) => `"k${i}":1`).join(',')}}`, {
    sends: 'a megabyte of keys that nobody knows',
    ...invalid,
    bound: '20 mistakes',
    full: 20,
    peak: 400,
  }),
  ask('long text', (scale) => `{"text":"${'x'.repeat(most(scale) - 300)}"}`, {
    sends: 'a text of a megabyte, which comes back',
    says: 'answered',
    bound: '`body`',
    full: 50,
    peak: 300,
  }),
  ask('too large an answer', '{"kb":2048}', {
    method: 'big',
    sends: 'asks for an answer of 2 MiB, which NATS does not take',
    says: 'AnswerTooLarge',
    bound: '`max_payload`',
    full: 50,
    peak: 300,
  }),
  ask('body', 'x'.repeat(2_000), {
    sends: '2,000 bytes where 1,024 may be',
    limits: (scale) => (scale === 'quick' ? fewNats(scale) : { body: 1_024 }),
    says: 'BodyTooLarge',
    tells: 'body-too-large',
    bound: '`body`',
  }),
  {
    name: 'max_payload',
    sends: 'a message of 2 MiB',
    bound: 'the NATS server ends the connection',
    async run({ port, by }) {
      await many(by(2, 50), 2, () =>
        as(port, async (who) => {
          who.send(`${base}.hear`, Buffer.alloc(2_097_152))
          await until('its connection closed', () => who.closed)
        }),
      )
      return { gets: 'closed', told: { heard: 0 } }
    },
  },
] satisfies Attack[]

const subjects = [
  ask('unknown method', hello, {
    method: 'nope',
    sends: 'an unknown method',
    says: 'Unimplemented',
    tells: 'no-method',
    bound: 'routes',
  }),
  ask('__proto__ method', hello, {
    method: '__proto__',
    sends: '`__proto__` as method',
    says: 'Unimplemented',
    tells: 'no-method',
    bound: 'a map',
  }),
  ask('long method', hello, {
    method: 'm'.repeat(3_000),
    sends: 'a method of 3,000 letters',
    says: 'Unimplemented',
    tells: 'no-method',
    bound: 'its name is cut in answers',
  }),
  ask('stream without a reply', '', {
    method: 'none.at.all',
    sends: 'a subject that nobody serves',
    says: 'nobody there',
    bound: 'the NATS server',
  }),
]

const lines = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'y']))
const bad = { says: ['BadHeaders', 'answered'] } as const

/** Blocks of headers that are none, or strange ones: each client reads them in its own way. */
const blocks = (generation: 2 | 3): readonly Attack[] => {
  const on = (
    name: string,
    sends: string,
    headers: string,
    more: { says: string | readonly string[]; tells?: string; bound?: string },
  ): Attack =>
    ask(`${name}, nats ${generation}`, hello, {
      sends: `${sends} (client ${generation})`,
      headers,
      generation,
      bound: 'what can be read counts',
      ...more,
    })
  return [
    on('no version', 'headers without a version', 'x: y\r\n\r\n', bad),
    on('no end', 'headers that break off', 'NATS/1.0\r\nx: y', bad),
    on('no colon', 'a header without a colon', 'NATS/1.0\r\nxy\r\n\r\n', bad),
    on('no name', 'a header without a name', 'NATS/1.0\r\n: y\r\n\r\n', bad),
    on('line feed', 'a line feed in a value', 'NATS/1.0\r\nx: a\nb: c\r\n\r\n', bad),
    on('bad name', 'a blank and a NUL in a name', 'NATS/1.0\r\na b\0: y\r\n\r\n', bad),
    on('no UTF-8', 'bytes that are no UTF-8 in a value', 'NATS/1.0\r\nx: \xff\xfe\r\n\r\n', bad),
    on('status', 'a status, as if the NATS server had sent it', 'NATS/1.0 503\r\n\r\n', bad),
    on('bad status', 'a status that is none', 'NATS/1.0 abc def\r\n\r\n', bad),
    on(
      'prototype',
      '`__proto__` and `constructor` as names',
      'NATS/1.0\r\n__proto__: x\r\nconstructor: y\r\n\r\n',
      bad,
    ),
    on('101 lines', '101 lines where 100 may be', `NATS/1.0\r\n${'x: y\r\n'.repeat(101)}\r\n`, {
      says: 'HeadersTooLarge',
      tells: 'too-many-headers',
      bound: '`headers`',
    }),
    on('bomb', '20,000 lines of 5 bytes', `NATS/1.0\r\n${'a:b\r\n'.repeat(20_000)}\r\n`, {
      says: 'HeadersTooLarge',
      tells: 'too-many-headers',
      bound: '`headers`',
    }),
    on(
      'names',
      '80,000 names, a megabyte',
      `NATS/1.0\r\n${Object.keys(lines(80_000))
        .map((name) => `${name}: y\r\n`)
        .join('')}\r\n`,
      {
        says: 'HeadersTooLarge',
        tells: 'too-many-headers',
        bound: '`headers`',
      },
    ),
    on('timeout', 'a timeout that is none', 'NATS/1.0\r\nrequest-timeout-ms: soon\r\n\r\n', {
      says: 'InvalidArgument',
      tells: 'bad-timeout',
      bound: 'a whole number',
    }),
    on('zero', 'a timeout of zero', 'NATS/1.0\r\nrequest-timeout-ms: 0\r\n\r\n', {
      says: 'DeadlineExceeded',
      bound: 'the deadline',
    }),
    on(
      'failure',
      'the mark of a failure in a request',
      'NATS/1.0\r\nNats-Service-Error-Code: 500\r\nNats-Service-Error: x\r\n\r\n',
      {
        says: 'answered',
        bound: 'it is a header like others',
      },
    ),
  ]
}

/** Names a subject for the answer that is not its own; what comes there is looked at. */
const forged = (name: string, sends: string, reply: string, tells: string | undefined, bound: string): Attack => ({
  name,
  sends,
  bound,
  run: ({ port, by }) =>
    as(port, async (who) => {
      const times = by(2, 500)
      let came = 0
      if (!/[*>]/.test(reply))
        who.hear(reply, ({ body }) => {
          if (body.length === 0) came++
        })
      for (let i = 0; i < times; i++) who.send(`${base}.nothing`, '', { reply })
      await who.flush()
      await pass(by(100, 500))
      if (came > 0 && tells !== undefined) throw new Error(`must send nothing there; sent ${came}`)
      return {
        gets: tells === undefined ? 'nothing: nobody hears of it' : 'no answer, anywhere',
        told: tells === undefined ? {} : { [tells]: times },
      }
    }),
})

const replies = [
  forged(
    'reply to itself',
    'its own subject for the answer',
    `${base}.hear`,
    'bad-reply',
    'subjects of the service are none of a caller',
  ),
  forged(
    'reply to those who leave',
    '`callers.left` for the answer',
    `${base}.callers.left`,
    'bad-reply',
    'subjects of the service are none of a caller',
  ),
  forged('reply to all', '`>` for the answer', '>', 'bad-reply', 'no wildcards'),
  forged('reply to many', '`_INBOX.*` for the answer', '_INBOX.*', 'bad-reply', 'no wildcards'),
  forged('reply to $SRV', '`$SRV.PING` for the answer', '$SRV.PING', 'bad-reply', 'nothing that begins with `$`'),
  forged(
    'reply to $JS.ACK',
    'an acknowledgement of JetStream for the answer',
    '$JS.ACK.s.c.1.1.1.1.0',
    undefined,
    'the NATS server refuses it',
  ),
  {
    name: 'reply to $JS.API',
    sends: '`$JS.API.STREAM.DELETE` for the answer of a method that answers nothing: the server would delete a stream',
    bound: 'nothing that begins with `$`',
    run: ({ port }) =>
      as(port, async (who) => {
        const made = await who.ask(
          '$JS.API.STREAM.CREATE.victim',
          '{"name":"victim","subjects":["victim.>"],"storage":"memory"}',
        )
        if (made === undefined) throw new Error('there is no JetStream')
        who.send(`${base}.nothing`, '', { reply: '$JS.API.STREAM.DELETE.victim' })
        await who.flush()
        await pass(200)
        const info = await who.ask('$JS.API.STREAM.INFO.victim')
        await who.ask('$JS.API.STREAM.DELETE.victim')
        if (info === undefined || /"error"/.test(info.body.toString()))
          throw new Error('must keep the stream; it is gone')
        return { gets: 'no answer; the stream is still there', told: { 'bad-reply': 1 } }
      }),
  },
  {
    name: 'reply to another',
    sends: 'the subject of another service for the answer',
    bound: 'permissions: see below',
    run: ({ port, by }) =>
      as(port, async (who) => {
        const times = by(2, 100)
        let came = 0
        who.hear('other.service.pay', () => came++)
        for (let i = 0; i < times; i++) who.send(`${base}.hear`, hello, { reply: 'other.service.pay' })
        await until('the answers there', () => came === times)
        return { gets: 'the other service gets the answer', told: { heard: times } }
      }),
  },
  {
    name: 'no reply',
    sends: 'requests without a subject for the answer',
    bound: 'they are handled, and nothing is sent',
    run: ({ port, by }) =>
      as(port, async (who) => {
        const times = by(20, 2_000)
        // Not more at once than may run.
        for (let i = 0; i < times; i++) {
          who.send(`${base}.hear`, hello)
          if (i % 200 === 199) await who.ask(`${base}.nothing`)
        }
        await who.flush()
        const last = saidBy(await who.ask(`${base}.nothing`))
        if (last !== 'answered') throw new Error(`must answer the next; got ${last}`)
        return { gets: 'nothing', told: { heard: times } }
      }),
  },
  {
    name: 'leaves for others',
    sends: 'inboxes at `callers.left` that it has guessed',
    bound: 'inboxes of 122 random bits',
    run: ({ port, by }) =>
      as(port, async (who) => {
        const answer = who.ask(`${base}.slow`, `{"ms":${by(300, 2_000)}}`)
        for (let i = 0; i < by(200, 20_000); i++)
          who.send(`${base}.callers.left`, `_INBOX.${i.toString(16).padStart(32, '0')}.${i}`)
        who.send(`${base}.callers.left`, Buffer.alloc(100_000, 255))
        const said = saidBy(await answer)
        if (said !== 'answered') throw new Error(`must not cancel others; got ${said}`)
        return 'nothing: no call is cancelled'
      }),
  },
  {
    name: 'leaves for whom it hears',
    sends: 'an inbox at `callers.left` that it has overheard, being allowed to hear all',
    bound: 'permissions: see below',
    run: ({ port }) =>
      as(port, async (who) => {
        const spy: string[] = []
        await as(port, async (other) => {
          other.hear(`${base}.deaf`, ({ reply }) => spy.push(reply ?? ''))
          await other.flush()
          const answer = who.ask(`${base}.deaf`, '{"ms":400}')
          await until('the request', () => spy.length > 0)
          other.send(`${base}.callers.left`, spy[0])
          const said = saidBy(await answer)
          if (said !== 'Cancelled') throw new Error(`got ${said}`)
        })
        return 'the call is `Cancelled`'
      }),
  },
] satisfies Attack[]

const family = (title: string, about: string, attacks: readonly Attack[]): Family => ({
  title,
  against: 'nats',
  about,
  attacks,
})

export const requests: readonly Family[] = [
  family(
    'NATS: bodies and subjects',
    'A body is JSON in UTF-8, as long as it may be; what does not fit is an outcome of the call, of which `onError` hears.',
    [...bodies, ...subjects],
  ),
  family(
    'NATS: headers',
    'Each client reads headers in its own way, and throws where it cannot. A callback that throws would end its connection: ours do not.',
    [...blocks(3), ...blocks(2)],
  ),
  family(
    'NATS: subjects for the answer',
    'Where an answer goes, the request says. What a server may publish to, a stranger can make it publish to: so some subjects are refused, and a permission must see to the rest.',
    replies,
  ),
]
