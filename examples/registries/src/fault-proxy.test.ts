import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FaultProxy, faultProxy } from './registries.ts'

/** Says back what it hears, and ends when told to. */
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {})
  socket.pipe(socket)
})
let proxy: FaultProxy
const sockets: Socket[] = []

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await faultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await proxy[Symbol.asyncDispose]()
  await new Promise((resolve) => server.close(resolve))
})

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(proxy.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {})
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}

async function echo(socket: Socket, word = 'word'): Promise<string> {
  socket.write(word)
  let heard = ''
  while (heard.length < word.length) heard += String((await once(socket, 'data'))[0])
  return heard
}

/** When it is closed: the code of the error that closed it, if one did. */
const closed = (socket: Socket): Promise<string | undefined> =>
  new Promise((resolve) => {
    let code: string | undefined
    socket.on('error', (error: NodeJS.ErrnoException) => {
      code = error.code
    })
    socket.once('close', () => resolve(code))
  })

/** Nothing is heard for so long. */
const silent = async (answer: Promise<unknown>): Promise<boolean> =>
  (await Promise.race([answer, sleep(100, 'silence')])) === 'silence'

it('given all is well, when a client speaks, then it is heard, and the end as well', async () => {
  const socket = await open()
  expect(await echo(socket)).toBe('word')
  expect(proxy.open).toBe(1)
  socket.end('last')
  expect((await socket.toArray()).join('')).toBe('last')
  await expect.poll(() => proxy.open).toBe(0)
})

it('given a delay, when a client speaks, then it takes so long each way, and a connection a round trip more', async () => {
  proxy.delay(20)
  const start = performance.now()
  const socket = await open()
  await echo(socket)
  expect(performance.now() - start).toBeGreaterThanOrEqual(80)
  const then = performance.now()
  await echo(socket)
  expect(performance.now() - then).toBeGreaterThanOrEqual(40)
})

it('given a delay that becomes less, when much is sent, then all of it arrives in order', async () => {
  proxy.delay(30)
  const socket = await open()
  const words = Array.from({ length: 50 }, (_, n) => `${n},`)
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  for (const word of words) {
    socket.write(word)
    await new Promise(setImmediate)
    if (word === '25,') proxy.delay(0)
  }
  await expect.poll(() => heard).toBe(words.join(''))
})

it('given more than a connection may hold, when it is stalled, then the sender waits, and nothing is lost', async () => {
  const socket = await open()
  await echo(socket)
  proxy.stall()
  const much = Buffer.alloc(64 * 1024 * 1024, 'x')
  socket.write(much)
  await sleep(200)
  // What neither the proxy nor the kernel has taken.
  expect(socket.writableLength).toBeGreaterThan(32 * 1024 * 1024)
  await proxy.heal()
  let heard = 0
  for await (const chunk of socket) {
    heard += (chunk as Buffer).length
    if (heard >= much.length) break
  }
  expect(heard).toBe(much.length)
})

it('given it stalls, when a client speaks, then it hears nothing until all is well; a new one is heard', async () => {
  const socket = await open()
  await echo(socket)
  proxy.stall()
  const answer = echo(socket)
  expect(await silent(answer)).toBe(true)
  expect(await echo(await open())).toBe('word')
  await proxy.heal()
  expect(await answer).toBe('word')
})

it('given it drops, when a client connects, then it hears nothing until all is well; who was there is heard', async () => {
  const before = await open()
  await echo(before)
  proxy.drop()
  const answer = echo(await open())
  expect(await silent(answer)).toBe(true)
  expect(await echo(before)).toBe('word')
  await proxy.heal()
  expect(await answer).toBe('word')
})

it('given a partition, when clients speak, leave or come, then nobody hears of it until it heals', async () => {
  const [stays, leaves] = [await open(), await open()]
  await Promise.all([echo(stays), echo(leaves)])
  proxy.partition()
  const answers = [echo(stays), echo(await open())]
  leaves.destroy()
  expect(await silent(Promise.race(answers))).toBe(true)
  expect(await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(2)
  await proxy.heal()
  expect(await Promise.all(answers)).toEqual(['word', 'word'])
  await expect.poll(() => proxy.open).toBe(2)
})

it('given connections, when they are reset, then both sides know at once, and a new one passes', async () => {
  const socket = await open()
  await echo(socket)
  const gone = closed(socket)
  proxy.reset()
  expect(await gone).toBe('ECONNRESET')
  expect(await echo(await open())).toBe('word')
})

it('given it refuses, when a client connects, then it cannot, and who was there is heard; healed, it listens where it did', async () => {
  const before = await open()
  await echo(before)
  await proxy.refuse()
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await echo(before)).toBe('word')
  await proxy.heal()
  expect(await echo(await open())).toBe('word')
})

it('given the server is gone, when a client connects, then it is told so', async () => {
  await using lost = await faultProxy('http://127.0.0.1:9')
  const socket = connect({ host: lost.host, port: 9 })
  sockets.push(socket)
  expect(await closed(socket)).toBe('ECONNRESET')
  expect(lost.open).toBe(0)
})

it('given as many connections as it may have, when one more comes, then it is closed', async () => {
  await using narrow = await faultProxy(proxy.url, { connections: 1 })
  const { hostname, port } = new URL(narrow.url)
  const first = connect({ host: hostname, port: Number(port) })
  sockets.push(first)
  expect(await echo(first)).toBe('word')
  const second = connect({ host: hostname, port: Number(port) })
  sockets.push(second)
  await closed(second)
  expect(await echo(first)).toBe('word')
})

it('given a server that reads nothing, when it is disposed of, then nobody waits until it has read all', async () => {
  const deaf = createServer({ pauseOnConnect: true })
  deaf.listen(0, '127.0.0.1')
  await once(deaf, 'listening')
  const { port } = deaf.address() as AddressInfo
  const own = await faultProxy(`http://127.0.0.1:${port}`)
  const socket = connect({ host: own.host, port })
  sockets.push(socket)
  const gone = closed(socket)
  socket.write(Buffer.alloc(16 * 1024 * 1024))
  const [served] = (await once(deaf, 'connection')) as [Socket]
  await own[Symbol.asyncDispose]()
  await gone
  let read = 0
  const ended = closed(served)
  served.on('data', (chunk) => {
    read += chunk.length
  })
  served.resume()
  await ended
  expect(read).toBeLessThan(16 * 1024 * 1024)
  deaf.close()
})

it('given connections, when it is disposed of, then they end and it is gone', async () => {
  const socket = await open()
  await echo(socket)
  const gone = closed(socket)
  await proxy[Symbol.asyncDispose]()
  await gone
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
