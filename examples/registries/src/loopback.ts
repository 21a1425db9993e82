// Addresses of this machine that nobody else uses: all of 127.0.0.0/8 is, on Linux, and every one has all ports.
import { randomInt } from 'node:crypto'

/** The network part of an address, for a few servers: `127.84.7`. */
export const network = (): string => `127.${randomInt(1, 255)}.${randomInt(256)}`

/** One such address: servers that cannot take a free port keep their usual ones there, also when they are restarted. */
export const loopback = (): string => `${network()}.${randomInt(5, 255)}`
