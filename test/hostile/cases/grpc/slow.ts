// Clients that take their time: with a message, with an answer, with a stream.
import type { ClientHttp2Session } from 'node:http2'
import type { Attack, Family, Target } from '../../harness/attack.ts'
import { tally, using, worded } from '../../harness/calls.ts'
import { endHeaders, endStream, frame, headers, openRaw, preface, settings, word } from '../../harness/frames.ts'
import { type Ended, ended, framed, head, number, paths, text } from '../../harness/grpc.ts'
import { fewGrpc, hastyGrpc } from '../../harness/hasty.ts'
import { many, pass } from '../../harness/wire.ts'

const mega = 1_048_576
const perConnection = 100

/** So many calls on as few connections as may be, and how they ended. */
async function calls(
  port: number,
  count: number,
  one: (own: ClientHttp2Session, i: number) => Promise<Ended>,
  window?: number,
): Promise<readonly Ended[]> {
  const connections = Math.ceil(count / perConnection)
  const all = await many(connections, connections, (at) =>
    using(
      port,
      (own) => {
        const from = at * perConnection
        const here = Math.min(perConnection, count - from)
        return Promise.all(Array.from({ length: here }, (_, i) => one(own, from + i)))
      },
      window,
    ),
  )
  return all.flat()
}

/** Every call must have ended so; the longest time in words. */
function all(ends: readonly Ended[], ...wanted: readonly string[]): string {
  const counts = tally(ends.map(({ end }) => end))
  const others = Object.keys(counts).filter((end) => !wanted.includes(end))
  if (others.length > 0) throw new Error(`must get ${wanted.join(' or ')}; got ${worded(counts)}`)
  return `${worded(counts)}, after ${(Math.max(...ends.map(({ ms }) => ms)) / 1_000).toFixed(1)} s at most`
}

/** Opens a call, sends the first, then a piece again and again. */
const dripping = (
  name: string,
  sends: string,
  first: Uint8Array,
  piece: Uint8Array,
  more: Partial<Attack> = {},
): Attack => ({
  name,
  sends,
  bound: '`arrival`',
  limits: hastyGrpc,
  peak: 200,
  ...more,
  async run({ port, by }) {
    const count = by(10, 900)
    const ends = await calls(port, count, async (own, i) => {
      await pass(i / 2)
      const stream = own.request(head(paths.hear) as never)
      const answer = ended(stream)
      let over = false
      void answer.then(() => {
        over = true
      })
      if (first.length > 0) stream.write(first)
      while (!over && piece.length > 0) {
        await pass(by(100, 1_000))
        if (!over && stream.writable) stream.write(piece)
      }
      return await answer
    })
    return { gets: all(ends, 'DEADLINE_EXCEEDED'), told: { 'slow-message': count, heard: 0 } }
  },
})

const arriving = [
  dripping('says nothing', 'calls that send no byte of their message, 900 at once', Buffer.alloc(0), Buffer.alloc(0)),
  dripping('drips', 'a byte of a message a second, in 900 calls', framed(text('x'), 0, 100), Buffer.from('x')),
  {
    name: 'all but the last byte',
    alone: true,
    sends: '4 MiB of messages of 4 MiB and a byte less than that, in 150 calls',
    bound: '`allMessages`, `arrival`',
    limits: hastyGrpc,
    peak: 900,
    async run({ port, by }) {
      const count = by(20, 150)
      const body = Buffer.alloc(by(65_536, 4 * mega))
      const bytes = framed(body).subarray(0, -1)
      const ends = await calls(port, count, (own) => {
        const stream = own.request(head(paths.hear) as never)
        const answer = ended(stream, 60_000)
        stream.write(bytes)
        return answer
      })
      // What is sent on streams that were ended costs the sender its connection.
      const gets = all(ends, 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'reset ENHANCE_YOUR_CALM', 'closed')
      const counts = tally(ends.map(({ end }) => end))
      return { gets, told: { 'too-much-arrives': counts.RESOURCE_EXHAUSTED ?? 1, heard: 0 } }
    },
  },
  {
    name: 'more than may wait',
    alone: true,
    sends: '1,500 calls that send nothing, where 1,000 may wait',
    bound: '`concurrent`',
    limits: fewGrpc,
    others: { may: /^UNAVAILABLE$/, why: 'no place is left for them' },
    async run({ port, by }) {
      const count = by(70, 1_500)
      const ends = await calls(port, count, (own) => ended(own.request(head(paths.hear) as never), 30_000))
      const gets = all(ends, 'UNAVAILABLE', 'DEADLINE_EXCEEDED')
      const refused = tally(ends.map(({ end }) => end)).UNAVAILABLE ?? 0
      if (refused < by(15, 400)) throw new Error(`must refuse those beyond; got ${gets}`)
      return { gets, told: { 'too-busy': refused, heard: 0 } }
    },
  },
  {
    name: 'goes on sending',
    sends: 'a message of 4 GB, and goes on sending it whatever is said',
    bound: '`message`: the stream is closed',
    async run({ port, by }) {
      const ends = await many(by(2, 50), by(2, 10), () =>
        using(port, async (own) => {
          const stream = own.request(head(paths.hear) as never)
          const answer = ended(stream)
          stream.write(framed(Buffer.alloc(65_536), 0, 0xffffffff))
          while (!stream.destroyed && stream.writable) {
            stream.write(Buffer.alloc(65_536))
            await pass(1)
          }
          return await answer
        }),
      )
      return { gets: all(ends, 'RESOURCE_EXHAUSTED'), told: { 'message-too-large': ends.length } }
    },
  },
  {
    name: 'silent stream',
    sends: 'streams of a client that send nothing, and do not end when they are answered',
    bound: '`request`, then `unread`',
    limits: hastyGrpc,
    async run({ port, by }) {
      const count = by(20, 500)
      const ends = await calls(port, count, (own) => ended(own.request(head(paths.take) as never), 90_000))
      return { gets: all(ends, 'DEADLINE_EXCEEDED'), told: { 'still-sending': count } }
    },
  },
] satisfies Attack[]

/** Asks on connections that take nothing, until each call was reset. */
const unread = (
  name: string,
  sends: string,
  kb: number,
  counts: readonly [number, number],
  more: Partial<Attack> = {},
): Attack => ({
  name,
  sends,
  bound: '`unread`, `allAnswers`',
  limits: hastyGrpc,
  peak: 700,
  ...more,
  async run({ port, by }) {
    const count = by(...counts)
    const ends = await calls(
      port,
      count,
      (own) => {
        const stream = own.request(head(kb === 0 ? paths.nothing : paths.big) as never)
        stream.end(framed(kb === 0 ? Buffer.alloc(0) : number(kb)))
        return ended(stream, 60_000)
      },
      0,
    )
    return { gets: all(ends, 'reset CANCEL'), told: { unread: count } }
  },
})

const reading = [
  // What was cut is garbage, and collected late.
  unread('unread', 'asks for 1 MiB 900 times, with a window of 0 bytes', 1_024, [20, 900], {
    peak: { quick: 700, full: 1_800 },
  }),
  unread('unread, small', 'asks for nearly nothing 900 times, with a window of 0 bytes', 0, [50, 900]),
  {
    name: 'reads a byte at a time',
    sends: 'asks for 1 MiB and lets its window grow by a byte each time',
    bound: '`unread`',
    limits: hastyGrpc,
    peak: { quick: 128, full: 400 },
    async run({ port, by }) {
      const resets = await many(by(5, 100), by(5, 100), async () => {
        const to = await openRaw(port)
        const ask = framed(number(1_024))
        await to.send(
          preface,
          settings({ 4: 0 }),
          frame('headers', endHeaders, 1, headers(paths.big)),
          frame('data', endStream, 1, ask),
        )
        const late = performance.now() + 45_000
        while (Object.keys(to.came().resets).length === 0 && to.came().end === 'open' && performance.now() < late) {
          await to.send(frame('window', 0, 1, word(1)))
          await pass(by(20, 200))
        }
        const came = to.came()
        to.destroy()
        return Object.keys(came.resets)[0] ?? came.end
      })
      const wrong = resets.filter((end) => end !== 'CANCEL')
      if (wrong.length > 0) throw new Error(`must be reset with CANCEL; got ${worded(tally(wrong))}`)
      return { gets: `${resets.length} × \`reset CANCEL\``, told: { unread: resets.length } }
    },
  },
  stopped('reader stops', '200 streams of items of 64 KB without an end, and reads none', paths.flood, 64, [10, 200]),
  stopped('small items', '200 streams of items of 1 KB without an end, and reads none', paths.flood, 1, [10, 200]),
  stopped('large items', '200 streams of items of 2 MiB without an end, and reads none', paths.flood, 2_048, [4, 200], {
    told: { unread: 1 },
    peak: { quick: 900, full: 1_800 },
  }),
  stopped('waits', '500 streams that say nothing, and waits', paths.still, undefined, [50, 500]),
] satisfies Attack[]

/** Opens streams and reads nothing of them; when it leaves, nothing of them is left. */
function stopped(
  name: string,
  sends: string,
  path: string,
  kb: number | undefined,
  counts: readonly [number, number],
  { told = {}, ...more }: Partial<Attack> & { readonly told?: Readonly<Record<string, number>> } = {},
): Attack {
  return {
    name,
    sends: `asks for ${sends}`,
    bound: kb === undefined ? 'their deadline, `concurrent`' : '256 KiB and an item for each, `allAnswers`',
    limits: hastyGrpc,
    peak: 500,
    ...more,
    async run({ port, ask, by }: Target) {
      const count = by(...counts)
      const before = (await ask('memory')) as number
      const sessions = Math.ceil(count / 50)
      let ends: string[] = []
      await many(sessions, sessions, (at) =>
        using(port, async (own) => {
          const here = Math.min(50, count - at * 50)
          const all = Array.from({ length: here }, () => {
            const stream = own.request(head(path) as never)
            stream.on('error', () => {})
            stream.on('close', () => ends.push(`reset ${stream.rstCode}`))
            stream.end(framed(kb === undefined ? Buffer.alloc(0) : number(kb)))
            stream.pause()
            return stream
          })
          await pass(by(700, 8_000))
          if (at === 0) {
            const held = ((await ask('memory')) as number) - before
            ends = [...ends, `${(held / count / 1_024).toFixed(1)} KiB of heap each`]
          }
          for (const stream of all) stream.removeAllListeners('close')
        }),
      )
      const cut = ends.filter((end) => end.startsWith('reset')).length
      const heap = ends.find((end) => end.endsWith('each')) ?? ''
      if (Object.keys(told).length > 0 && cut === 0 && count > by(50, 50))
        throw new Error('must cut those that wait longest')
      return {
        gets: `${count - cut} held back${cut > 0 ? `, ${cut} reset` : ''}; ${heap}`,
        told: cut > 0 ? { unread: cut } : {},
      }
    },
  }
}

export const slow: Family = {
  title: 'gRPC: slow clients',
  against: 'grpc',
  about:
    'A client says by itself how much may be sent to it, nothing at all if it likes. A message has a time to arrive, an answer one to be read, and for all of them together there is a sum of bytes.',
  attacks: [...arriving, ...reading],
}
