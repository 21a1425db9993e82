// Certificates for tests, made when they are needed: an authority and what it signs (X.509 v3, RFC 5280, with P-256 keys).
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIPv4 } from 'node:net'

export interface Certified {
  readonly cert: string
  readonly key: string
  readonly x509: X509Certificate
  /** SHA-256 of the public key, as pins have it. */
  readonly pin: string
}

export interface Authority extends Certified {
  /** `names`: DNS names, IPv4 addresses and URIs. `days`: how long it is valid, negative for one that has expired. */
  issue(commonName: string, names?: readonly string[], days?: number): Certified
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const yes = der(0x01, Buffer.from([0xff]))
const bits = (bytes: Uint8Array): Buffer => der(0x03, Buffer.from([0]), bytes)
const text = (tag: number, value: string): Buffer => der(tag, Buffer.from(value))
const time = (at: Date): Buffer => text(0x18, `${at.toISOString().replace(/[-:T]|\.\d+/g, '')}`)
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [yes] : []), der(0x04, value))

const ecdsaSha256 = sequence(oid('2a8648ce3d040302'))
const named = (commonName: string): Buffer => sequence(der(0x31, sequence(oid('550403'), text(0x0c, commonName))))
const alternative = (name: string): Buffer =>
  isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : text(name.includes('://') ? 0x86 : 0x82, name)

const day = 86_400_000
const pem = (bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

interface Signer {
  readonly commonName: string
  readonly key: KeyObject
}

function make(
  commonName: string,
  signer: Signer | undefined,
  names: readonly string[],
  days: number,
): { readonly made: Certified; readonly key: KeyObject } {
  const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const now = Date.now()
  const tbs = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaSha256,
    named(signer?.commonName ?? commonName),
    sequence(time(new Date(now - 30 * day)), time(new Date(now + days * day))),
    named(commonName),
    spki,
    der(
      0xa3,
      sequence(
        extension('551d13', true, sequence(...(signer === undefined ? [yes] : []))),
        ...(names.length === 0 ? [] : [extension('551d11', false, sequence(...names.map(alternative)))]),
      ),
    ),
  )
  const cert = pem(sequence(tbs, ecdsaSha256, bits(sign('sha256', tbs, signer?.key ?? key))))
  return {
    made: {
      cert,
      key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
      x509: new X509Certificate(cert),
      pin: createHash('sha256').update(spki).digest('base64'),
    },
    key,
  }
}

export function authority(commonName = 'Test Authority'): Authority {
  const { made, key } = make(commonName, undefined, [], 30)
  return {
    ...made,
    issue: (subject, names = ['localhost', '127.0.0.1'], days = 30) =>
      make(subject, { commonName, key }, names, days).made,
  }
}
