// A server to be measured: it listens on a free port of this machine.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Served {
  readonly port: number
}

/** Listens as all subjects do. */
export const listening = (server: Server): Promise<Served> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port }))
  })
