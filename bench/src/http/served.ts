// A server of node:http to be measured: it listens on a free port of this machine.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Served } from '../load/parts.ts'

/** Listens as all subjects do. */
export const listening = (server: Server): Promise<Served> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port }))
  })
