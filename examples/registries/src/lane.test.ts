import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { cut } from './lane.ts'

it.each([
  ['open', () => {}, 'ECONNRESET'],
  // Node's own reset fails then, and the connection is never closed.
  ['at its end', (socket: Socket) => void socket.end(), undefined],
])(
  'given a connection that is %s, when it is cut, then it is closed, without an error of ours',
  async (_, before, told) => {
    const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
    const errors: unknown[] = []
    socket.on('error', (cause) => errors.push(cause))
    const [[near]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown]
    const heard = new Promise((resolve) => {
      near.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code)).on('end', () => resolve(undefined))
      near.resume()
    })
    before(socket)
    cut(socket)
    await once(socket, 'close')
    expect([errors, await heard]).toEqual([[], told])
    near.destroy()
    server.close()
  },
)
