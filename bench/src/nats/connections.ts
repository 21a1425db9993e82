// Connections of both clients of NATS.
import { connect as connect3 } from '@nats-io/transport-node'
import { connect as connect2 } from 'nats'

const servers = (port: number | undefined): { servers: string } => ({ servers: `127.0.0.1:${port}` })

export const nats2 = (port: number | undefined) => connect2(servers(port))
export const nats3 = (port: number | undefined) => connect3(servers(port))

/** What both are, as far as they are used here. */
export type Connect = (port: number | undefined) => ReturnType<typeof nats2> | ReturnType<typeof nats3>
