// Is an instance well? By TCP: somebody takes a connection. That says little of a service, and needs nothing of it.
import { connect } from 'node:net'
import { knownOptions, type OptionNames } from '@tenon/endpoint'
import { numberOption } from '@tenon/policy'
import type { Probe } from './probe.ts'

/** Options of {@link tcpProbe}. */
export interface TcpProbeOptions {
  /** Where to connect, when that is another port than that of the service: 1 to 65535. */
  readonly port?: number
}

const named: OptionNames<TcpProbeOptions> = { port: true }

/**
 * Connects to an instance's address, and hangs up.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function tcpProbe(options: TcpProbeOptions = {}): Probe {
  knownOptions('tcpProbe', options, named)
  const { port } = options
  if (port !== undefined) numberOption('tcpProbe', 'port', port, { min: 1, max: 65_535, whole: true })
  return ({ address }, { signal }) =>
    new Promise((resolve, reject) => {
      const { hostname, port: own } = new URL(`tcp://${address}`)
      const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port ?? Number(own), signal })
      socket.on('error', reject)
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
}
