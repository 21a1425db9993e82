// Events on JetStream: such that are none, that break their handler or its process, that are too many. Nothing is lost for others.
import { child } from '../../harness/ask.ts'
import { as } from '../../harness/asks.ts'
import type { Attack, Family, Got, Target } from '../../harness/attack.ts'
import { events, headerOf, type Message, type More, type Stranger, until } from '../../harness/nats.ts'
import { pass } from '../../harness/wire.ts'
import type { MortalAnswers } from '../../victims/nats-mortal.ts'

const dead = 'hostile.v1.Orders.dead.placed'
const event = (id: string, act = 'keep'): string => `{"id":"${id}","act":"${act}"}`
let runs = 0

/** Sends events that mean harm among others that do not: those must be handled, each once, and the harmful go to the dead. */
const among = (
  name: string,
  sends: string,
  bound: string,
  harm: string | Uint8Array | ((i: number) => string | Uint8Array),
  {
    counts = [5, 200],
    retried = 0,
    harmless,
    headers,
    ...more
  }: Partial<Attack> & {
    readonly counts?: readonly [number, number]
    /** How often each comes again before it is dead. */
    readonly retried?: number
    readonly harmless?: boolean
    readonly headers?: More['headers']
  } = {},
): Attack => ({
  name,
  sends,
  bound,
  ...more,
  run: ({ port, ask, by }) =>
    as(port, async (who): Promise<Got> => {
      const run = `${name.replaceAll(/[^a-z0-9]/gi, '-')}-${++runs}`
      const count = by(...counts)
      const buried = new Set<string>()
      who.hear(dead, (message) => {
        if (headerOf(message, 'x-run') === run || message.headers.includes('tenon-cut'))
          buried.add(headerOf(message, 'tenon-seq') ?? '')
      })
      const all = by(10, 500)
      for (let i = 0; i < count; i++) {
        const body = typeof harm === 'function' ? harm(i) : harm
        who.send(events, body, { headers: headers ?? { 'x-run': run } })
        if (i % 20 === 19) await who.flush()
      }
      for (let i = 0; i < all; i++) who.send(events, event(`${run}.${i}`))
      await who.flush()
      const kept = await handled(ask, run, all)
      if (!harmless) await until(`${count} among the dead`, () => buried.size >= count || headers !== undefined, 30_000)
      const told: Record<string, number> = { 'event done': all }
      if (!harmless) told['event dead'] = count
      if (retried > 0) {
        told['event retried'] = count * retried
        told.defect = count * (retried + 1)
      }
      return { gets: `${harmless ? 'handled' : 'dead'}, × ${count}; of ${all} others ${kept} handled`, told }
    }),
})

const seen = new Map<string, number>()

/** How many of the events of a run were handled, once that is all of them. */
async function handled(ask: Target['ask'], run: string, all: number): Promise<number> {
  const mine = (): string[] => [...seen.keys()].filter((id) => id.startsWith(`${run}.`))
  await until(
    `${all} events handled`,
    async () => {
      const { ids } = (await ask('handled')) as { readonly ids: readonly string[] }
      for (const id of ids) seen.set(id, (seen.get(id) ?? 0) + 1)
      return mine().length >= all
    },
    60_000,
  )
  const twice = mine().filter((id) => (seen.get(id) ?? 0) > 1)
  if (twice.length > 0) throw new Error(`must be handled once; ${twice[0]} was not`)
  return mine().length
}

const large = 1_048_576

const malformed = [
  among('no JSON', 'events that are no JSON', 'the dead letters', 'rubbish'),
  among('nothing', 'events without a body', 'the dead letters', ''),
  among('no UTF-8', 'events that are no UTF-8', 'the dead letters', Buffer.from([0x22, 0xff, 0x22])),
  among('wrong type', 'events of other types', 'the dead letters', '{"id":7,"act":"keep"}'),
  among('__proto__', 'events with `__proto__` in them', 'the dead letters', '{"id":"x","act":"keep","__proto__":{}}'),
  among('deep', 'events of a megabyte of brackets', 'the dead letters', () => '['.repeat(200_000), {
    counts: [3, 100],
    peak: 400,
  }),
  among(
    'as large as may be',
    'events that are as large as NATS takes, so that their copy would be larger',
    'the dead letters: headers and the rest of the body are cut',
    () => Buffer.alloc(large - 200, 'x'),
    { counts: [3, 100], peak: 500 },
  ),
  among('many headers', 'events with 5,000 headers', 'the dead letters', 'rubbish', {
    headers: `NATS/1.0\r\n${Array.from({ length: 5_000 }, (_, n) => `x-${n}: y\r\n`).join('')}\r\n`,
    counts: [3, 100],
    peak: 400,
  }),
  among('broken headers', 'events whose headers cannot be read', 'the dead letters', event('x'), {
    headers: 'NATS/1.0\r\nx: a\nb: c\r\n\r\n',
    counts: [3, 100],
  }),
  among('broken headers, no body', 'events without a body whose headers cannot be read', 'the dead letters', '', {
    headers: 'NATS/1.0\r\nx: a\nb: c\r\n\r\n',
    counts: [3, 100],
  }),
  among(
    'status',
    'events that look like an answer of JetStream: a status of 409 and no body',
    'only what JetStream itself sends counts as its word',
    '',
    {
      headers: 'NATS/1.0 409 Consumer Deleted\r\n\r\n',
      counts: [3, 100],
    },
  ),
] satisfies Attack[]

const breaking = [
  among(
    'throws',
    'events that make the handler throw',
    '3 deliveries, then the dead letters',
    (i) => event(`throws.${i}`, 'throw'),
    { retried: 2 },
  ),
  {
    name: 'lingers',
    sends: 'events whose handler does not end by itself',
    bound: '`timeout`, `deliveries`',
    run: ({ port, ask, by }) =>
      as(port, async (who): Promise<Got> => {
        const run = `lingers-${++runs}`
        const count = by(3, 50)
        const buried = new Set<string>()
        who.hear(dead, (message) => {
          if (headerOf(message, 'x-run') === run) buried.add(headerOf(message, 'tenon-seq') ?? '')
        })
        for (let i = 0; i < count; i++) who.send(events, event(`${run}.x${i}`, 'linger'), { headers: { 'x-run': run } })
        const all = by(10, 100)
        for (let i = 0; i < all; i++) who.send(events, event(`${run}.${i}`))
        await who.flush()
        const kept = await handled(ask, run, all)
        await until(`${count} among the dead`, () => buried.size === count, 60_000)
        return {
          gets: `dead after 3 deliveries of 1 s, × ${count}; of ${all} others ${kept} handled`,
          told: { 'event dead': count, 'event retried': count * 2 },
        }
      }),
  },
  {
    name: 'kills',
    sends: 'an event that kills the process of its handler (with 1 delivery), and is there when it starts again',
    bound: '`deliveries`: counted by JetStream, also where nobody lives to tell',
    run: ({ port }) =>
      as(port, async (who): Promise<Got> => {
        const file = 'victims/nats-mortal.ts'
        const url = `127.0.0.1:${port}`
        const first = child<MortalAnswers>(file, [url])
        await first.ask('handled')
        const buried: Message[] = []
        who.hear('mortal.hostile.v1.Orders.dead.placed', (message) => buried.push(message))
        const gone = new Promise((resolve) => first.process.once('exit', resolve))
        who.send('mortal.hostile.v1.Orders.events.placed', event('x', 'die'))
        await gone
        who.send('mortal.hostile.v1.Orders.events.placed', event('after'))
        await using second = child<MortalAnswers>(file, [url])
        await until('it among the dead', () => buried.length > 0)
        await until('the other handled', async () => (await second.ask('handled')).includes('after'))
        return { gets: 'one process dies; the next puts it with the dead, and goes on', told: {} }
      }),
  },
] satisfies Attack[]

const many = [
  {
    name: 'flood',
    alone: true,
    sends: '20,000 events, as fast as JetStream takes them',
    bound: '`queue` (100): more are not asked for',
    peak: 300,
    run: ({ port, ask, by }) =>
      as(port, async (who): Promise<Got> => {
        const run = `flood-${++runs}`
        const count = by(1_000, 20_000)
        await ask('handled')
        for (let i = 0; i < count; i++) {
          who.send(events, event(`${run}.${i}`))
          if (i % 500 === 499) await who.flush()
        }
        let most = 0
        const kept = await handled(
          async (name) => {
            const answer = (await ask(name)) as { readonly ids: readonly string[]; readonly most: number }
            most = Math.max(most, answer.most)
            return answer
          },
          run,
          count,
        )
        if (most > 100) throw new Error(`must hold 100 at the most; held ${most}`)
        return {
          gets: `${kept} of ${count} handled, each once; ${most} held at the most`,
          told: { 'event done': count },
        }
      }),
  },
  {
    name: 'forged delivery',
    sends: 'a delivery of JetStream to whoever asks for events, at an inbox that it has guessed',
    bound: 'inboxes of 122 random bits',
    run: ({ port, by }) =>
      as(port, async (who) => {
        for (let i = 0; i < by(200, 20_000); i++)
          who.send(`_INBOX.${i.toString(16).padStart(32, '0')}`, event('forged'), { reply: '$JS.ACK.s.c.1.1.1.1.0' })
        await who.flush()
        return 'nothing'
      }),
  },
  {
    name: 'forged acknowledgement',
    alone: true,
    sends: '`+TERM` for an event of others, at `$JS.ACK`, being allowed to',
    bound: 'permissions: see below',
    run: ({ port, ask }) =>
      as(port, async (who: Stranger) => {
        const run = `acked-${++runs}`
        // All that were delivered so far, and the next ones.
        for (let seq = 1; seq < 50; seq++)
          who.send(`$JS.ACK.hostile-v1-Orders.mail-placed.1.${seq}.${seq}.1.0`, '+TERM')
        who.send(events, event(`${run}.0`))
        await who.flush()
        await pass(100)
        await handled(ask, run, 1)
        return 'JetStream believes it: what was delivered is not delivered again'
      }),
  },
] satisfies Attack[]

export const eventFamily: Family = {
  title: 'NATS: events',
  against: 'nats',
  about:
    'A durable consumer on JetStream. What cannot be handled goes to the dead letters; the others, which were sent after it, must all be handled, each once. Of each the operator hears what became of it.',
  attacks: [...malformed, ...breaking, ...many],
}
