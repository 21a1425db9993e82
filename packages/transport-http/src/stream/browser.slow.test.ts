// A stream in a real browser, over connections that break: what its EventSource makes of it, without a line of ours.
import { spawnSync } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'
import { contract, handler, implement, serverStream } from '@tenon/contract'
import { ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { http } from '../index.ts'

const Feed = contract('shop.feed.v1.Feed', {
  watch: serverStream({
    input: t.partial({ after: t.number }),
    output: t.strict({ seq: t.number, text: t.string }),
    http: 'GET /events',
    resume: { id: 'seq', after: 'after' },
  }),
})
const feed = implement(Feed, {
  watch: handler(Feed.methods.watch, async function* ({ after = 0 }) {
    for (let seq = after + 1; seq <= 40; seq++) {
      yield ok({ seq, text: '日本 🌲' })
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }),
})
const page = `<!doctype html><title>events</title><script>
  window.seen = []
  window.source = new EventSource('/events')
  source.onmessage = ({ data, lastEventId }) => seen.push(lastEventId + ' ' + JSON.parse(data).text)
  source.addEventListener('end', () => seen.push('end'))
</script>`

const names = ['chromium', 'chromium-browser', 'google-chrome']
const found = names.find((name) => spawnSync(name, ['--version']).error === undefined)
const where = found && spawnSync('which', [found], { encoding: 'utf8' }).stdout.trim()
if (where === undefined)
  console.warn('SKIPPED: streams in a browser, because no Chromium is on PATH (Debian: apt-get install chromium)')

describe.skipIf(where === undefined)('given an EventSource in a browser', () => {
  it('when its connections break in the middle of events, then it has each item once, in order, and stops after the end', {
    timeout: 60_000,
  }, async () => {
    await using s = await http.serve(feed, {
      routes: { 'GET /': (_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(page) },
    })
    // Lets the page pass, then cuts the first three streams, each somewhere else.
    const cuts = [700, 611, 900]
    const proxy = createServer((near) => {
      const distant = connect({ port: s.port, host: '127.0.0.1' })
      for (const socket of [near, distant]) socket.on('error', () => {})
      let back = 0
      let cut = Number.POSITIVE_INFINITY
      near.on('data', (chunk: Buffer) => {
        if (chunk.includes('GET /events')) cut = back + (cuts.shift() ?? Number.POSITIVE_INFINITY)
        distant.write(chunk)
      })
      distant.on('data', (chunk: Buffer) => {
        const rest = cut - back
        back += chunk.length
        if (chunk.length < rest) near.write(chunk)
        else near.write(chunk.subarray(0, rest), () => near.resetAndDestroy())
      })
      near.once('close', () => distant.destroy())
      distant.once('close', () => near.destroy())
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    const browser = await chromium.launch({ executablePath: where as string, args })
    try {
      const tab = await browser.newPage()
      await tab.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`)
      // Chromium waits three seconds before it connects again; 2 is `closed`.
      await tab.waitForFunction('window.source.readyState === 2', undefined, { timeout: 40_000 })
      expect(await tab.evaluate('window.seen')).toEqual([
        ...Array.from({ length: 40 }, (_, i) => `${i + 1} 日本 🌲`),
        'end',
      ])
      expect(cuts).toEqual([])
    } finally {
      await browser.close()
      proxy.close()
    }
  })
})
