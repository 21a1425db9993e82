// The orders example as `npm start` runs it: the built one, in a process of its own.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { OpenApiDocument } from '@tenon/contract'
import { describe, expect, it } from 'vitest'
import { type Ended, type Program, program } from './program.ts'

async function shop(args: readonly string[], meanwhile: (shop: Program) => void = () => {}): Promise<Ended> {
  const running = program('examples/orders/dist/main.js', args)
  meanwhile(running)
  return running.ended
}

describe('npm start', () => {
  it('given a short run with all its faults, then orders go through, retries and breakers did their work, and the books balance', async () => {
    const { code, out, err } = await shop(['--for', '8s', '--rate', '150', '--json'])
    // The first line of the log tells of a second that was counted.
    expect(/^ +\d+ s .*$/m.exec(err)?.[0]).toMatch(/^ +\d+ s {2}[1-9]\d* orders\/s {2}p50 (?!0\.0 ms)/)
    expect(err).toMatch(/metrics http:\/\/127\.0\.0\.1:\d+\/metrics/)
    expect(code).toBe(0)
    const summary = JSON.parse(out) as Record<string, never>
    expect(summary).toMatchObject({ placed: expect.any(Number), books: { balanced: true } })
    const { placed, byOutcome, retries, transitions } = summary as unknown as {
      placed: number
      byOutcome: { readonly ok?: number; readonly OutOfStock?: number; readonly CardRefused?: number }
      retries: number
      transitions: number
    }
    expect(placed).toBeGreaterThan(600)
    expect(Object.values(byOutcome).reduce((sum, n) => sum + n, 0)).toBe(placed)
    // An instance that refuses, one that is killed, one that is deployed: and nearly every order goes through.
    expect((byOutcome.ok ?? 0) + (byOutcome.OutOfStock ?? 0) + (byOutcome.CardRefused ?? 0)).toBeGreaterThan(
      placed * 0.95,
    )
    expect(retries).toBeGreaterThan(0)
    expect(transitions).toBeGreaterThan(0)
  }, 60_000)

  it('given a shop that runs, then it describes itself in a valid document, and shows it on a page', async () => {
    const { child, out, ended } = program('examples/orders/dist/main.js', ['--for', '60s', '--rate', '5'])
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
    const { code, out } = await shop(['--for', '60s'], ({ child }) =>
      child.stdout?.on('data', (data) => {
        // Once: its last line says the same time again, and a second signal means at once.
        if (told || !/^ +2 s/m.test(String(data))) return
        told = true
        child.kill('SIGINT')
      }),
    )
    expect(code).toBe(0)
    expect(out).toMatch(/\d+ orders in \d/)
    expect(out).toMatch(/the books: .* every order that a buyer was told is kept/)
  }, 60_000)

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
