// The orders example as `npm start` runs it: the built one, in a process of its own.
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApiDocument } from '@tenon/contract'
import { needs } from '@tenon/example-registries'
import { describe, expect, it } from 'vitest'
import { bodyOf, generations } from '../packages/transport-nats/test/clients.ts'
import { type Ended, type Program, program } from './program.ts'

const path = 'examples/orders/dist/main.js'

async function shop(
  args: readonly string[],
  { meanwhile = () => {}, env = {} }: { meanwhile?: (shop: Program) => void; env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const running = program(path, args, { NATS_URL: '', ...env })
  meanwhile(running)
  return running.ended
}

interface Summary {
  readonly placed: number
  readonly byOutcome: { readonly ok?: number; readonly OutOfStock?: number; readonly CardRefused?: number }
  readonly retries: number
  readonly transitions: number
  readonly undone: number
  readonly dead: number
  readonly books: Readonly<Record<'kept' | 'charged' | 'reserved' | 'announced' | 'pending', number>>
}

/** The orders that came to an end of the business: all others failed on the way. */
const settled = ({ byOutcome: { ok = 0, OutOfStock = 0, CardRefused = 0 } }: Summary): number =>
  ok + OutOfStock + CardRefused

/** What a shop that has this folder for temporary files left in it, and what still runs there. */
const leftIn = (folder: string): readonly string[] => [
  ...readdirSync(folder),
  ...readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return ''
      }
    })
    .filter((command) => command.includes(folder)),
]

const server = process.env.TENON_TEST_NATS

describe('npm start', () => {
  it('given a short run with all its faults, then orders go through, retries and breakers did their work, and the books balance', async () => {
    const { code, out, err } = await shop(['--for', '8s', '--rate', '150', '--json'])
    // The first line of the log tells of a second that was counted.
    expect(/^ +\d+ s .*$/m.exec(err)?.[0]).toMatch(/^ +\d+ s {2}[1-9]\d* orders\/s {2}p50 (?!0\.0 ms)/)
    expect(err).toMatch(/metrics http:\/\/127\.0\.0\.1:\d+\/metrics/)
    expect(err).toMatch(server === undefined ? /^no nats-server here: payments over/m : /^nats 127\.0\.0\.1:\d+, /m)
    expect(code).toBe(0)
    const summary = JSON.parse(out) as Summary
    const { placed, byOutcome, retries, transitions, undone, dead, books } = summary
    expect(placed).toBeGreaterThan(600)
    expect(Object.values(byOutcome).reduce((sum, n) => sum + n, 0)).toBe(placed)
    // An instance that refuses, one that is killed, one that is deployed, payments and NATS that die: nearly every order
    // goes through, and of the others nothing is left.
    expect(settled(summary)).toBeGreaterThan(placed * 0.95)
    const { kept } = books
    expect(kept).toBeGreaterThanOrEqual(byOutcome.ok ?? 0)
    expect(books).toEqual({ kept, charged: kept, reserved: kept, announced: kept, pending: 0, balanced: true })
    expect([retries, transitions, undone].map((count) => count > 0)).toEqual([true, true, true])
    expect(dead).toBe(0)
  }, 60_000)

  it('given a registry that is killed and comes back empty, then orders go through meanwhile, and the instances are found again', async () => {
    const kinds = (['consul', 'etcd'] as const).filter(needs)
    const all = await Promise.all(
      kinds.map((kind) => shop(['--for', '6s', '--rate', '60', '--json', '--registry', kind])),
    )
    for (const [at, { code, out, err }] of all.entries()) {
      const kind = kinds[at]
      expect(err).toMatch(new RegExp(`^registry ${kind} at http://127\\.[\\d.]+:\\d+$`, 'm'))
      // In this order; whoever registers again first is alone for a moment.
      const story = [
        'the registry has found inventory-1, inventory-2, inventory-3',
        `${kind} is killed`,
        `${kind} is back and knows nobody`,
        'inventory-2 is killed',
        'inventory-1 is deployed anew',
        'the registry has lost inventory-1',
        'the registry has found inventory-1',
      ]
      expect(err).toMatch(new RegExp(story.join('[\\s\\S]*')))
      expect(/ is killed: who was known[\s\S]*?knows nobody/.exec(err)?.[0]).not.toContain('has lost')
      const summary = JSON.parse(out) as Summary
      expect(settled(summary)).toBeGreaterThan(summary.placed * 0.95)
      expect([code, summary.books]).toMatchObject([0, { pending: 0, balanced: true }])
    }
  }, 60_000)

  it('given no nats-server, then it says so, does without, and the books balance', async () => {
    const { code, out, err } = await shop(['--for', '4s', '--rate', '100', '--json'], { env: { PATH: '/nowhere' } })
    expect(err).toMatch(/^no nats-server here: payments over the memory transport, events straight to the mailer$/m)
    expect(code).toBe(0)
    const summary = JSON.parse(out) as Summary
    expect(settled(summary)).toBeGreaterThan(summary.placed * 0.95)
    expect(summary.books).toMatchObject({ announced: summary.books.kept, pending: 0, balanced: true })
  }, 60_000)

  it.skipIf(server === undefined)(
    'given a NATS server, by option or NATS_URL, then that is used, and nothing of the shop stays there',
    async () => {
      const connection = await (generations[1] as (typeof generations)[number]).connect({ servers: server as string })
      const streams = async (): Promise<readonly string[]> => {
        const names = JSON.parse(bodyOf(await connection.request('$JS.API.STREAM.NAMES'))) as { streams?: string[] }
        return names.streams?.filter((name) => name.startsWith('shop-') && !before.includes(name)) ?? []
      }
      let before: readonly string[] = []
      try {
        before = await streams()
        const short = ['--for', '2s', '--rate', '40']
        const ended = await Promise.all([
          shop([...short, '--nats-url', server as string]),
          shop(short, { env: { NATS_URL: server } }),
        ])
        for (const { code, out } of ended) {
          expect(out).toContain(`\nnats ${server}, subjects shop-`)
          expect([code, out]).toEqual([0, expect.stringContaining('they agree')])
        }
        expect(await streams()).toEqual([])
      } finally {
        await connection.close()
      }
    },
    60_000,
  )

  it('given a NATS server that is not there, then one line says which, and it ends with 1', async () => {
    expect(await shop(['--for', '2s', '--nats-url', 'nats://127.0.0.1:1'])).toEqual({
      code: 1,
      out: '',
      err: 'no NATS server answers at nats://127.0.0.1:1: connection refused\n',
    })
  }, 30_000)

  it('given a shop that runs, then it describes itself in a valid document, and shows it on a page', async () => {
    const { child, out, ended } = program(path, ['--for', '60s', '--rate', '5'], { NATS_URL: '' })
    await expect.poll(out, { timeout: 20_000 }).toMatch(/^docs http:\S+$/m)
    const [, docs = ''] = /^docs (http:\S+)$/m.exec(out()) ?? []
    const document = (await (await fetch(new URL('/openapi.json', docs))).json()) as OpenApiDocument
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
    expect(document).toMatchObject({
      info: { title: 'Orders' },
      paths: { '/v1/orders': { post: { summary: 'Places an order' } }, '/v1/orders/{id}': { get: {} } },
      components: { schemas: { Order: { description: 'An order that was reserved and paid.' } } },
    })
    const page = await fetch(docs)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Orders</title>')])
    child.kill('SIGINT')
    expect((await ended).code).toBe(0)
  }, 60_000)

  it('given Ctrl-C, then it ends early with its summary, and cleanly', async () => {
    let told = false
    const { code, out } = await shop(['--for', '60s'], {
      meanwhile: ({ child }) =>
        child.stdout?.on('data', (data) => {
          // Once: its last line says the same time again, and a second signal means at once.
          if (told || !/^ +2 s/m.test(String(data))) return
          told = true
          child.kill('SIGINT')
        }),
    })
    expect(code).toBe(0)
    expect(out).toMatch(/\d+ orders in \d/)
    expect(out).toMatch(/the books: .* they agree, and every order that a buyer was told is kept/)
  }, 60_000)

  // As Ctrl-C in a terminal: the whole group of processes hears it.
  it.skipIf(server === undefined || process.platform !== 'linux').each([
    ['Ctrl-C in the middle of a fault', 'SIGINT', 0],
    ['kill -9', 'SIGKILL', null],
  ] as const)(
    'given %s, then nothing that it started is left',
    async (_, signal, ends) => {
      const folder = mkdtempSync(join(tmpdir(), 'shop-'))
      try {
        const { child, out, ended } = program(
          path,
          ['--for', '5s'],
          { NATS_URL: '', TMPDIR: folder },
          { detached: true },
        )
        await expect.poll(out, { timeout: 20_000 }).toMatch(/payments is killed/)
        expect(leftIn(folder)).toHaveLength(3)
        process.kill(-(child.pid as number), signal)
        expect((await ended).code).toBe(ends)
        if (ends === 0) expect(out()).toMatch(/the books: .* they agree/)
        await expect.poll(() => leftIn(folder), { timeout: 5_000 }).toEqual([])
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    60_000,
  )

  it('given a port that is taken, then it says which and ends with 1', async () => {
    const taken = createServer()
    await once(taken.listen(0, '127.0.0.1'), 'listening')
    const { port } = taken.address() as AddressInfo
    try {
      const { code, err } = await shop(['--port', String(port), '--for', '2s'])
      expect([code, err]).toEqual([1, expect.stringContaining(String(port))])
    } finally {
      taken.close()
    }
  }, 30_000)

  it('given a mistake on the command line, then one clear line and exit code 2; --help explains', async () => {
    const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
      [['--for', 'soon'], /^--for takes 1s to 60m, such as 20s, and not "soon"\n$/],
      [['--nats-url', ''], /^--nats-url takes a URL such as nats:\/\/127\.0\.0\.1:4222, and not ""\n$/],
      [['--registry', 'zookeeper'], /^--registry takes memory, consul or etcd, and not "zookeeper"\n$/],
      [['--rate', '0'], /^--rate takes a number from 1 to 5000, and not "0"\n$/],
      [['--fro', '5s'], /^Unknown option '--fro'; --help lists what there is\n$/],
      [['extra'], /^.*extra.*; --help lists what there is\n$/],
    ]
    for (const [args, says] of mistakes) {
      const { code, out, err } = await shop(args)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(says)
    }
    expect(await shop(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('usage: npm start') })
  }, 60_000)
})
