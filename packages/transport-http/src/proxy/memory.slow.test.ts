// Bodies far larger than the memory that passing them on may take, both ways, with a peer that is slow.
import { createServer, get, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { http } from '../index.ts'
import { proxy } from './proxy.ts'

const piece = Buffer.alloc(65_536, 'x')
/** Pieces: 200 MiB. */
const size = 3_200

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** The most memory in use beyond what there was that was seen while `run` ran, in pieces: of all three peers. */
async function growth(run: () => Promise<unknown>): Promise<number> {
  const used = (): number => {
    // Twice, because the first one leaves the freeing of buffers to another thread.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const before = used()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, used())
  }, 250)
  await run()
  clearInterval(timer)
  return (most - before) / 1_048_576
}

it('when 200 MB go down to a slow client, and 200 MB up to a slow target, then memory stays flat', {
  timeout: 120_000,
}, async () => {
  let received = 0
  let pieces = 0
  const back = createServer((req, res) => {
    if (req.method === 'GET') {
      let left = size
      const write = (): void => {
        while (left > 0) {
          left--
          if (!res.write(piece)) return
        }
        res.end()
      }
      res.on('drain', write)
      write()
    } else {
      req.on('data', (chunk: Buffer) => {
        received += chunk.length
        if (++pieces % 8 > 0) return
        req.pause()
        setTimeout(() => req.resume(), 1)
      })
      req.on('end', () => res.end('thanks'))
    }
  })
  await new Promise<void>((resolve) => back.listen(0, '127.0.0.1', resolve))
  await using through = proxy({ url: `http://127.0.0.1:${(back.address() as AddressInfo).port}` })
  await using front = await http.serve([], { routes: { '* /*': through }, grace: 0 })

  const down = (): Promise<number> =>
    new Promise((resolve, reject) => {
      get(front.url, (answer) => {
        let bytes = 0
        let chunks = 0
        answer.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (++chunks % 8 > 0) return
          answer.pause()
          setTimeout(() => answer.resume(), 1)
        })
        answer.on('end', () => resolve(bytes))
        answer.on('error', reject)
      }).on('error', reject)
    })
  const up = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(front.url, { method: 'POST' }, (answer) => {
        void answer.toArray().then((chunks) => resolve(Buffer.concat(chunks).toString()), reject)
      }).on('error', reject)
      let left = size
      const write = (): void => {
        while (left > 0) {
          left--
          if (!asked.write(piece)) return
        }
        asked.end()
      }
      asked.on('drain', write)
      write()
    })

  let downloaded = 0
  const grown = await growth(async () => {
    downloaded = await down()
  })
  expect(downloaded).toBe(size * piece.length)
  const grownUp = await growth(async () => expect(await up()).toBe('thanks'))
  expect(received).toBe(size * piece.length)
  console.log(`memory beyond the start: ${grown.toFixed(1)} MB down, ${grownUp.toFixed(1)} MB up`)
  expect(grown).toBeLessThan(10)
  expect(grownUp).toBeLessThan(10)
  back.close()
})
