// Server-sent events, JSON-RPC and the proxy: what is particular to them.
import { type Attack, answered, type Family, get, post, type Scale, shot, size } from '../harness/attack.ts'
import { few, hasty } from '../harness/hasty.ts'
import { sipping } from '../harness/sipping.ts'
import { many, open, pass } from '../harness/wire.ts'

const mega = 1_048_576

const reading = (
  name: string,
  sends: string,
  bound: string,
  count: readonly [number, number],
  more: Partial<Attack>,
): Attack => ({
  name,
  sends,
  bound,
  alone: true,
  ...more,
  async run({ port, by }) {
    const all = await many(by(...count), 50, async () => {
      const to = await open(port, { reads: false })
      await to.write(get('/v1/flood/16'))
      return to
    })
    await pass(by(1_000, 33_000))
    let bytes = 0
    let closed = 0
    for (const to of all) {
      to.socket.resume()
      const heard = await to.closed(1_000)
      closed += Number(heard.end !== 'open')
      bytes = Math.max(bytes, heard.bytes)
      to.destroy()
    }
    if (closed !== all.length) throw new Error(`of ${all.length} streams that nobody reads ${closed} were closed`)
    return `closed, × ${closed}, after ${size(bytes)} at most`
  },
})

export const streams: Family = {
  title: 'Streams of events',
  about: 'The next item is made when there is room for it. A stream counts among `concurrent` as long as it lasts.',
  attacks: [
    reading(
      'stops reading',
      'opens a stream that never ends, on 200 connections, and reads nothing',
      '`unread`',
      [10, 200],
      {
        limits: hasty,
        peak: 200,
      },
    ),
    {
      name: 'reads slowly',
      sends: 'opens a stream that never ends, on 50 connections, and reads 64 KiB a second',
      bound: 'an item and a socket’s buffer each',
      peak: 200,
      async run(target) {
        const all = await many(target.by(5, 50), 50, () => sipping(target, get('/v1/flood/16')))
        return `what it reads: ${size(Math.max(...all))}`
      },
    },
    {
      name: 'opens and leaves',
      sends: 'opens a stream and resets, again and again',
      bound: 'the source is closed with the connection',
      peak: 200,
      async run({ port, by }) {
        const count = by(100, 5_000)
        await many(count, 20, async () => {
          const to = await open(port)
          await to.write(get('/v1/flood/1'))
          await pass(2)
          to.socket.resetAndDestroy()
        })
        return `a stream each, × ${count}`
      },
    },
    {
      name: 'too many',
      alone: true,
      sends: '200 streams that are read, where 100 calls may be',
      bound: '`concurrent`',
      limits: (scale) => (scale === 'quick' ? few(scale) : { concurrent: 100 }),
      others: { may: /^503$/, why: 'streams hold all places' },
      async run({ port, by }) {
        const all = await many(by(80, 200), 50, async () => {
          const to = await open(port, { reads: false })
          await to.write(get('/v1/flood/1'))
          return to
        })
        await pass(300)
        for (const to of all) to.socket.resume()
        await pass(100)
        const first = all.map((to) => to.heard().statuses[0])
        for (const to of all) to.destroy()
        const opened = first.filter((status) => status === 200).length
        if (opened > by(50, 100) || opened === 0) throw new Error(`${opened} streams were opened`)
        return `${opened} × 200, ${all.length - opened} × 503`
      },
    },
    shot('another type', get('/v1/flood/1', 'accept: application/json\r\n'), answered(406), {
      sends: 'accepts JSON only',
      bound: '`accept`',
    }),
    ...['1e999', '-', '__proto__', '0x10', '9'.repeat(10_000), '%00'].map((id) =>
      shot(
        `resumes from ${id.slice(0, 12)}`,
        get('/v1/changes', `last-event-id: ${id}\r\n`),
        answered(400, /"tag":"InvalidArgument"/),
        {
          sends: `resumes after the event \`${id.slice(0, 12)}\`${id.length > 12 ? ' of 10,000 digits' : ''}`,
          bound: 'the codec',
        },
      ),
    ),
  ],
}

const call = (params: string, id = '1', method = 'shop.v1.Shop/get'): string =>
  `{"jsonrpc":"2.0","method":"${method}","params":${params},"id":${id}}`
const batch = (count: number, one: string): string => `[${Array(count).fill(one).join(',')}]`
const rpc = (
  name: string,
  sends: string,
  body: (scale: Scale) => string,
  says: RegExp,
  bound: string,
  more: Partial<Attack> & { readonly full?: number } = {},
): Attack => shot(name, (scale) => post('/rpc', body(scale)), answered(200, says), { sends, bound, full: 20, ...more })

export const jsonrpc: Family = {
  title: 'JSON-RPC',
  about: 'A message is at most as long as any body, a batch has at most 100 calls, and its answer at most 10 MiB.',
  attacks: [
    rpc(
      'batch bomb',
      'a batch of 17,000 calls',
      () => batch(17_000, call('{"id":"1"}')).slice(0, mega),
      /-32600|-32700/,
      '`batch`',
      { peak: 300 },
    ),
    rpc('batch of nothing', 'a batch of 500,000 numbers', () => batch(500_000, '1'), /-32600/, '`batch`', {
      peak: 300,
    }),
    rpc('empty batch', 'an empty batch', () => '[]', /-32600/, 'a batch has a call'),
    rpc(
      'batches in batches',
      'a batch of 100 batches',
      () => batch(100, batch(100, call('{}'))),
      /-32600/,
      'a call is an object',
      { peak: 300 },
    ),
    rpc(
      'large answers',
      'a batch of 100 calls that answer 1 MiB each',
      (scale) => batch(100, call(`{"kb":${scale === 'quick' ? 128 : 1_024}}`, '1', 'shop.v1.Shop/big')),
      /"result"/,
      '`answer`',
      { peak: 500, full: 5 },
    ),
    rpc(
      'slow calls',
      'a batch of 100 slow calls',
      () => batch(100, call('{"ms":20}', '1', 'shop.v1.Shop/slow')),
      /"result"/,
      '`parallel`',
      { peak: 100 },
    ),
    rpc(
      'deep params',
      '500,000 brackets as params',
      () => call(`[${'['.repeat(mega / 2 - 100)}${']'.repeat(mega / 2 - 100)}]`),
      /-32602|-32700/,
      '`depth`',
      { peak: 400 },
    ),
    rpc(
      'long id',
      'an id of a megabyte',
      () => call('{"id":"1"}', `"${'i'.repeat(mega - 200)}"`),
      /"result"/,
      '`body`: ids come back',
      { peak: 300 },
    ),
    rpc(
      'id of digits',
      'an id of 500,000 digits',
      () => call('{"id":"1"}', '9'.repeat(500_000)),
      /"result"/,
      '`body`: ids come back',
      { peak: 300 },
    ),
    rpc('object as id', 'an object as id', () => call('{"id":"1"}', '{"a":1}'), /-32600/, 'a text, a number or null'),
    rpc('long method', 'a method of a megabyte', () => call('{}', '1', 'm'.repeat(mega - 200)), /-32601/, '`body`', {
      peak: 300,
    }),
    rpc('__proto__ method', '`__proto__` as method', () => call('{}', '1', '__proto__'), /-32601/, 'a map'),
    rpc('__proto__ params', '`__proto__` in params', () => call('{"__proto__":{"id":"1"}}'), /-32600/, 'refused'),
    rpc('many positions', '100,000 params by position', () => call(batch(100_000, '1')), /-32602/, 'the codec', {
      peak: 300,
    }),
    shot(
      'notifications',
      () => post('/rpc', batch(100, '{"jsonrpc":"2.0","method":"shop.v1.Shop/get","params":{"id":"1"}}')),
      answered(204),
      { sends: 'a batch of 100 notifications', bound: '`batch`', full: 100 },
    ),
    shot('form', () => post('/rpc', call('{}'), 'content-type: text/plain\r\n'), answered(415), {
      sends: '`text/plain`',
      bound: 'application/json',
    }),
  ],
}
