// Streams: a reader who is gone, who grants nothing or too much, who numbers as it likes; and a flood.

import { as } from '../../harness/asks.ts'
import type { Attack, Family, Target } from '../../harness/attack.ts'
import { fewNats } from '../../harness/hasty.ts'
import { base, headerOf, type Message, type Stranger, saidBy, until } from '../../harness/nats.ts'
import { many, pass } from '../../harness/wire.ts'

interface Opened {
  /** Where the server listens. */
  readonly to: string
  readonly came: Message[]
  kind(kind: string): readonly Message[]
}

/** Opens a stream with so much credit, and collects what comes. */
async function opened(who: Stranger, method: string, body: string, credit: string): Promise<Opened> {
  const came: Message[] = []
  const reply = who.inbox((message) => came.push(message))
  who.send(`${base}.${method}`, body, { reply, headers: { 'tenon-credit': credit } })
  await until('an answer', () => came.length > 0)
  return {
    to: came[0]?.reply ?? '',
    came,
    kind: (kind) => came.filter((one) => headerOf(one, 'tenon-stream') === kind),
  }
}

/** Opens one, does something to it, and says what came of that; whatever it was, the server must let go of it. */
const one = (
  name: string,
  sends: string,
  bound: string,
  [method, body, credit]: readonly [string, string, string],
  act: (stream: Opened, who: Stranger, target: Target) => Promise<string>,
  more: Partial<Attack> = {},
): Attack => ({
  name,
  sends,
  bound,
  ...more,
  run: (target) => as(target.port, async (who) => act(await opened(who, method, body, credit), who, target)),
})

const flood = '{"kb":1}'
const said = (from: string, seq: string, kind = 'item'): { headers: Record<string, string>; reply: string } => ({
  headers: { 'tenon-stream': kind, 'tenon-seq': seq },
  reply: from,
})
/** The caller tells that it has left, and the server lets go. */
const leave = (who: Stranger, to: string): void => who.send(to, '', { headers: { 'tenon-stream': 'cancel' } })

const reading = [
  one(
    'no credit',
    'opens a stream and grants nothing',
    '16 items at first, then what is granted',
    ['flood', flood, '0'],
    async ({ to, kind }, who) => {
      await pass(200)
      leave(who, to)
      if (kind('item').length > 0) throw new Error(`must send nothing; sent ${kind('item').length}`)
      return 'nothing but the opening'
    },
  ),
  one(
    '16 and no more',
    'opens a stream and grants no more than the first 16 items',
    'credit',
    ['flood', flood, '16'],
    async ({ to, kind }, who) => {
      await until('16 items', () => kind('item').length >= 16)
      await pass(200)
      leave(who, to)
      if (kind('item').length !== 16) throw new Error(`must send 16; sent ${kind('item').length}`)
      return '16 items, held back'
    },
  ),
  one(
    'much credit',
    'grants 10^14 items of 1 KiB, and stays',
    'the NATS server: a slow consumer is cut off',
    ['flood', flood, '0'],
    async ({ to, kind }, who, { by }) => {
      who.send(to, '', { headers: { 'tenon-stream': 'credit', 'tenon-credit': '100000000000000' } })
      await until('items', () => kind('item').length > 100)
      await pass(by(50, 2_000))
      leave(who, to)
      await pass(100)
      return `${kind('item').length} items until it left`
    },
    { peak: 900 },
  ),
  one(
    'credit that is none',
    'grants -1, 1e9, 16.5, nothing and 10^40',
    'whole numbers of at most 15 digits that grow',
    ['flood', flood, '0'],
    async ({ to, kind }, who) => {
      for (const credit of ['-1', '1e9', '16.5', '', '1'.repeat(40), '0'])
        who.send(to, '', { headers: { 'tenon-stream': 'credit', 'tenon-credit': credit } })
      await who.flush()
      await pass(200)
      leave(who, to)
      if (kind('item').length > 0) throw new Error(`must send nothing; sent ${kind('item').length}`)
      return 'nothing more'
    },
  ),
  one(
    'no words of a stream',
    'answers a stream with something that is none',
    'the stream ends',
    ['still', '', '16'],
    async ({ to }, who) => {
      who.send(to, 'rubbish')
      return 'the stream ends'
    },
  ),
  one(
    'unknown kind',
    'says a kind that nobody knows, 1,000 times',
    'ignored',
    ['still', '', '16'],
    async ({ to }, who) => {
      for (let i = 0; i < 1_000; i++) who.send(to, '', { headers: { 'tenon-stream': 'nonsense' } })
      leave(who, to)
      return 'nothing'
    },
  ),
  {
    name: 'reader gone',
    sends: 'opens streams and closes its connection',
    bound: 'NATS tells that nobody is there',
    async run({ port, ask, by }) {
      const count = by(20, 900)
      // Each is told by its next word: an item or, where no credit is left, the beat of ten seconds.
      const credit = by('1000000', '0')
      await as(port, (who) => many(count, 50, () => opened(who, 'flood', flood, credit)))
      await until('all let go', async () => (await ask('inFlight')) === 0, 25_000)
      return `let go, × ${count}`
    },
  },
  {
    name: 'nobody there',
    sends: 'opens streams for inboxes where nobody is',
    bound: 'NATS tells that nobody is there',
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(20, 5_000)
        for (let i = 0; i < count; i++)
          who.send(`${base}.flood`, flood, { reply: `_INBOX.nobody.${i}`, headers: { 'tenon-credit': '16' } })
        await who.flush()
        const last = saidBy(await who.ask(`${base}.nothing`))
        if (last !== 'answered' && last !== 'TooBusy') throw new Error(`got ${last}`)
        return `let go, × ${count}`
      }),
  },
  {
    name: 'no reply',
    sends: 'opens a stream without a subject for it',
    bound: 'refused',
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(5, 500)
        for (let i = 0; i < count; i++) who.send(`${base}.flood`, flood)
        await who.flush()
        await who.ask(`${base}.nothing`)
        return { gets: 'nothing', told: { 'no-reply': count } }
      }),
  },
  {
    name: 'thousands',
    alone: true,
    sends: '2,000 streams that are read by nobody and beat as they should, where 1,000 may be',
    bound: '`concurrent`',
    limits: fewNats,
    others: { may: /^TooBusy$/, why: 'no place is left for them' },
    peak: 300,
    run: ({ port, ask, by }) =>
      as(port, async (who) => {
        const before = (await ask('memory')) as number
        const count = by(40, 2_000)
        const streams = await many(count, 50, () => opened(who, 'still', '', '0'))
        await pass(by(200, 3_000))
        const held = ((await ask('memory')) as number) - before
        const open = streams.filter(({ kind }) => kind('open').length > 0)
        for (const { to } of open) leave(who, to)
        await who.flush()
        const refused = streams.filter(({ came }) => saidBy(came[0]) === 'TooBusy').length
        if (refused === 0 || open.length + refused !== count)
          throw new Error(`got ${open.length} open, ${refused} refused of ${count}`)
        return {
          gets: `${open.length} open, ${refused} × \`TooBusy\`; ${(held / open.length / 1_024).toFixed(1)} KiB of heap each`,
          told: { 'too-busy': refused },
        }
      }),
  },
] satisfies Attack[]

/** Sends items to `take`, and what the call then ends with. */
const sending = (
  name: string,
  sends: string,
  bound: string,
  ends: RegExp,
  act: (send: (seq: string, kind?: string, body?: string) => void, target: Target) => void | Promise<void>,
  more: Partial<Attack> = {},
): Attack =>
  one(
    name,
    sends,
    bound,
    ['take', '', '16'],
    async ({ to, came }, who, target) => {
      const own = who.inbox(() => {})
      await act((seq, kind, body = '"x"') => who.send(to, body, said(own, seq, kind)), target)
      const answer = (): Message | undefined => came.find((message) => headerOf(message, 'tenon-stream') === undefined)
      await until('an answer', () => answer() !== undefined)
      const last = answer() as Message
      const what = saidBy(last) === 'answered' ? last.body.toString() : saidBy(last)
      if (!ends.test(what)) throw new Error(`must end with ${ends}; got ${what}`)
      return `\`${what}\``
    },
    more,
  )

const writing = [
  sending('items', '10 items and an end, to compare', 'credit', /^\{"n":10\}$/, (send) => {
    for (let i = 0; i < 10; i++) send(String(i))
    send('10', 'end')
  }),
  sending('twice', 'each item three times', 'numbers', /^\{"n":5\}$/, (send) => {
    for (let i = 0; i < 5; i++) for (let n = 0; n < 3; n++) send(String(i))
    send('5', 'end')
  }),
  sending('gap', 'item 0, then item 7', 'numbers: none may be missing', /^\{"n":1\}$/, (send) => {
    send('0')
    send('7')
  }),
  sending('no number', 'an item whose number is none', 'numbers', /^\{"n":0\}$/, (send) => send('-1')),
  sending('no JSON', 'items that are no JSON', 'the codec', /^\{"n":0\}$/, (send) => {
    send('0', 'item', 'rubbish')
    send('1', 'end')
  }),
  sending('end twice', 'an end, then items and another end', 'the first counts', /^\{"n":1\}$/, (send) => {
    send('0')
    send('1', 'end')
    send('2')
    send('3', 'end')
  }),
  sending(
    'more than granted',
    '10,000 items at once where 16 may come',
    'more than was asked for ends the stream',
    /^\{"n":\d+\}$/,
    (send, { by }) => {
      for (let i = 0; i < by(2_000, 10_000); i++) send(String(i))
      send(String(by(2_000, 10_000)), 'end')
    },
  ),
] satisfies Attack[]

const third = [
  one(
    'guesses',
    'items, ends and credit for streams of others, at subjects that it has guessed',
    'addresses of 122 random bits',
    ['still', '', '16'],
    async ({ to, came }, who, { by }) => {
      for (let i = 0; i < by(200, 20_000); i++)
        who.send(`_INBOX.${i.toString(16).padStart(32, '0')}.${i}`, '', {
          headers: { 'tenon-stream': 'end', 'tenon-seq': '1' },
        })
      await who.flush()
      await pass(50)
      const more = came.length
      leave(who, to)
      if (more > 1) throw new Error('must not change a stream')
      return 'nothing'
    },
  ),
  {
    name: 'hears all',
    sends: 'an end for a stream that it has overheard, being allowed to hear all',
    bound: 'permissions: see below',
    run: ({ port }) =>
      as(port, (who) =>
        as(port, async (other) => {
          const seen: Message[] = []
          other.hear('_INBOX.>', (message) => seen.push(message))
          await other.flush()
          const stream = await opened(who, 'take', '', '16')
          await until('the address', () => seen.some(({ reply }) => reply === stream.to))
          other.send(
            stream.to,
            '',
            said(
              other.inbox(() => {}),
              '0',
              'end',
            ),
          )
          await until('the end of the call', () =>
            stream.came.some((message) => saidBy(message) === 'answered' && message.body.length > 0),
          )
          return 'the server believes it: `{"n":0}`'
        }),
      ),
  },
] satisfies Attack[]

const flooding = (generation: 2 | 3): Attack => ({
  name: `flood, nats ${generation}`,
  generation,
  alone: true,
  sends: `100,000 requests to one queue group, as fast as they are taken (client ${generation})`,
  bound: '`concurrent`, the processor',
  peak: 400,
  others: { may: /^TooBusy$/, why: 'while it is full, others are told the same' },
  run: ({ port, by }) =>
    as(port, async (who) => {
      const count = by(5_000, 100_000)
      const tally = { answered: 0, TooBusy: 0, other: 0 }
      const reply = who.inbox((message) => {
        const what = saidBy(message)
        if (what === 'answered' || what === 'TooBusy') tally[what]++
        else tally.other++
      })
      for (let i = 0; i < count; i++) {
        who.send(`${base}.hear`, '{"text":"hello"}', { reply })
        if (i % 1_000 === 999) await who.flush()
      }
      await until('an answer to each', () => tally.answered + tally.TooBusy + tally.other === count, 60_000)
      if (tally.other > 0) throw new Error(`got ${JSON.stringify(tally)}`)
      return {
        gets: `${tally.answered} × \`answered\`, ${tally.TooBusy} × \`TooBusy\``,
        told: { heard: tally.answered },
      }
    }),
})

const floods = [
  flooding(3),
  flooding(2),
  {
    name: 'slow calls',
    alone: true,
    sends: '10,000 calls of 1 s at once, where 1,000 may run',
    bound: '`concurrent`',
    limits: fewNats,
    peak: 300,
    others: { may: /^TooBusy$/, why: 'while it is full, others are told the same' },
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(200, 10_000)
        const ends = await Promise.all(
          Array.from({ length: count }, async () => saidBy(await who.ask(`${base}.slow`, `{"ms":${by(200, 1_000)}}`))),
        )
        const ok = ends.filter((end) => end === 'answered').length
        const busy = ends.filter((end) => end === 'TooBusy').length
        if (ok + busy !== count || ok === 0 || busy === 0)
          throw new Error(`got ${ok} answered, ${busy} busy of ${count}`)
        return { gets: `${ok} × \`answered\`, ${busy} × \`TooBusy\``, told: { 'too-busy': busy } }
      }),
  },
  {
    name: 'work that goes on',
    alone: true,
    sends: 'calls that go on after their caller has said that it has left',
    bound: '`concurrent` counts them until they end',
    limits: fewNats,
    others: { may: /^TooBusy$/, why: 'while it is full, others are told the same' },
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(20, 1_000)
        const ms = by(1_000, 3_000)
        const go = (): void => {
          const reply = who.inbox(() => {})
          who.send(`${base}.deaf`, `{"ms":${ms}}`, { reply })
          setTimeout(() => who.send(`${base}.callers.left`, reply), 20)
        }
        for (let i = 0; i < count; i++) go()
        let full = saidBy(await who.ask(`${base}.nothing`))
        // A place that somebody else had may have become free.
        for (let i = 0; full !== 'TooBusy' && i < 20; i++) {
          go()
          full = saidBy(await who.ask(`${base}.nothing`))
        }
        await pass(ms + 300)
        const free = saidBy(await who.ask(`${base}.nothing`))
        if (full !== 'TooBusy' || free !== 'answered') throw new Error(`got ${full}, then ${free}`)
        return { gets: '`TooBusy` until they have ended, then `answered`', told: { 'too-busy': 1 } }
      }),
  },
  {
    name: 'hang',
    sends: 'calls without an end',
    bound: '`request`',
    limits: (scale) => (scale === 'quick' ? fewNats(scale) : { request: 5_000 }),
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(10, 500)
        const ends = await Promise.all(
          Array.from({ length: count }, async () => saidBy(await who.ask(`${base}.slow`, '{"ms":600000}'))),
        )
        const wrong = ends.filter((end) => end !== 'DeadlineExceeded')
        if (wrong.length > 0) throw new Error(`must get DeadlineExceeded; got ${wrong[0]}`)
        return `\`DeadlineExceeded\`, × ${count}`
      }),
  },
  {
    name: '$SRV',
    sends: '`$SRV.INFO` and `$SRV.STATS`, 20,000 times',
    bound: 'the processor; `discoverable: false`',
    peak: 200,
    run: ({ port, by }) =>
      as(port, async (who) => {
        const count = by(500, 20_000)
        let came = 0
        const reply = who.inbox(() => came++)
        for (let i = 0; i < count; i++) {
          who.send(i % 2 ? '$SRV.INFO' : '$SRV.STATS', '', { reply })
          if (i % 500 === 499) await who.flush()
        }
        await until('an answer to each', () => came === count, 60_000)
        return `answered, × ${count}`
      }),
  },
] satisfies Attack[]

export const streams: readonly Family[] = [
  {
    title: 'NATS: streams',
    against: 'nats',
    about:
      'Both ends of a stream talk at subjects that only the other knows. Items are numbered, and come only where there is credit.',
    attacks: [...reading, ...writing, ...third],
  },
  {
    title: 'NATS: floods',
    against: 'nats',
    about: 'One queue group, which others call as well. What is beyond `concurrent` is refused at once.',
    attacks: floods,
  },
]
