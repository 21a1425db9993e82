// What a proxy says of whom it speaks for: `x-forwarded-*`, `forwarded` (RFC 7239), `via` (RFC 9110, 7.6.3). What came
// in of these is believed only where the peer is trusted: anybody can write them.
import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Headers } from '../reply.ts'

/** Which headers tell the target whom a request came from. */
export type ForwardedStyle = 'x-forwarded' | 'forwarded' | 'both' | 'none'

/** An address as one writes it: that of an IPv4 peer on a socket for both is not an IPv6 one. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '')

/** Are the headers of this peer believed? */
export type Trust = (address: string) => boolean

/** @throws TypeError for what is neither an address nor a network. */
export function trustOf(who: string, given: 'all' | readonly string[] | undefined): Trust {
  if (given === 'all') return () => true
  if (given === undefined || given.length === 0) return () => false
  if (!Array.isArray(given)) throw new TypeError(`${who}: trust is 'all' or a list of addresses and networks`)
  const list = new BlockList()
  for (const entry of given as readonly string[]) {
    const [address = '', bits, more] = String(entry).split('/')
    const family = isIP(address)
    const most = family === 4 ? 32 : 128
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (family === 0 || more !== undefined || !(length >= 0 && length <= most))
      throw new TypeError(`${who}: trust: 10.0.0.7, 10.0.0.0/8 or fd00::/8, and not ${JSON.stringify(entry)}`)
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

const claims = /^(?:x-forwarded(?:-.*)?|forwarded|x-real-ip)$/

/** Is this one of the headers that claim where a request comes from? With `_` too, which CGI takes for `-`. */
export const isClaim = (name: string): boolean => claims.test(name.replaceAll('_', '-'))

const joined = (value: Headers[string]): string | undefined => (typeof value === 'string' ? value : value?.join(', '))

/** Adds what this hop knows; what is there was believed. `host`: as the client wrote it. */
export function addForwarded(headers: Headers, { socket }: IncomingMessage, host: string, style: ForwardedStyle): void {
  const from = plainAddress(socket.remoteAddress ?? '')
  const proto = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  if (style === 'x-forwarded' || style === 'both') {
    const before = joined(headers['x-forwarded-for'])
    const peer = from === '' ? 'unknown' : from
    headers['x-forwarded-for'] = before === undefined ? peer : `${before}, ${peer}`
    if (host !== '') headers['x-forwarded-host'] ??= host
    headers['x-forwarded-proto'] ??= proto
  }
  if (style === 'forwarded' || style === 'both') {
    const before = joined(headers.forwarded)
    const peer = from === '' ? 'unknown' : isIP(from) === 6 ? `"[${from}]"` : from
    const hop = `for=${peer}${host === '' ? '' : `;host=${quoted(host)}`};proto=${proto}`
    headers.forwarded = before === undefined ? hop : `${before}, ${hop}`
  }
}

const quoted = (text: string): string =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`

/** Adds this hop. */
export function addVia(headers: Headers, { httpVersion }: IncomingMessage, name: string): void {
  const before = joined(headers.via)
  const hop = `${httpVersion} ${name}`
  headers.via = before === undefined ? hop : `${before}, ${hop}`
}
