// TLS and mTLS between both sides, with certificates made here: node:crypto signs, the DER around it is written by hand.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { contract, handler, implement, unary } from '@tenon/contract'
import { call, ok } from '@tenon/endpoint'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type ClientTls, grpc, type ServerTls } from './index.ts'

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), body])
}
const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const ecdsaSha256 = sequence(oid('2a8648ce3d040302'))
const named = (name: string): Buffer => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
const extension = (id: string, value: Buffer): Buffer =>
  sequence(oid(id), der(0x01, Buffer.from([255])), der(0x04, value))
const time = (text: string): Buffer => der(0x18, Buffer.from(text))

interface Identity {
  readonly name: string
  readonly key: KeyObject
  readonly pem: { readonly cert: string; readonly key: string }
}

let serial = 1
/** An authority, or what it signs: for 127.0.0.1 and orders.test. */
function identity(name: string, by?: Identity): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const basic = extension('551d13', sequence(...(by === undefined ? [der(0x01, Buffer.from([255]))] : [])))
  const names = extension(
    '551d11',
    sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('orders.test'))),
  )
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial++])),
    ecdsaSha256,
    named(by?.name ?? name),
    sequence(time('20200101000000Z'), time('20991231235959Z')),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basic, ...(by === undefined ? [] : [names]))),
  )
  const signature = sign('sha256', body, by?.key ?? privateKey)
  const cert = sequence(body, ecdsaSha256, der(0x03, Buffer.from([0]), signature)).toString('base64')
  return {
    name,
    key: privateKey,
    pem: {
      cert: `-----BEGIN CERTIFICATE-----\n${cert.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    },
  }
}

const authority = identity('authority')
const other = identity('other authority')
const ca = authority.pem.cert
const { pem } = identity('server', authority)

// From the first connection on: Node warns once a process.
const warnings: Error[] = []
process.on('warning', (warning) => void warnings.push(warning))

const Who = contract('a.v1.Who', { who: unary({ input: t.void, output: t.string }) })

async function asked(
  serverTls: ServerTls | undefined,
  tls: ClientTls | undefined,
  address = '127.0.0.1',
): Promise<unknown> {
  let name = 'nobody'
  const impl = implement(Who, { who: handler(Who.methods.who, async () => ok(name)) })
  await using server = await grpc.serve(impl, {
    grace: 0,
    ...(serverTls && { tls: serverTls }),
    before: (_, { certificate }) => {
      name = String(certificate?.subject.CN ?? 'nobody')
    },
  })
  await using client = grpc.client(Who, { address: `${address}:${server.port}`, ...(tls && { tls }) })
  return await call(client.who, undefined, { timeout: 3_000 })
}

const unavailable = { left: { _tag: 'Unavailable' } }

describe('TLS', () => {
  it('given a server with a certificate, when the client trusts who signed it, then calls are answered', async () => {
    expect(await asked(pem, { ca })).toEqual(ok('nobody'))
  })

  it.each([
    ['trusts somebody else', pem, { ca: other.pem.cert }, /: the TLS handshake failed \([A-Z_]+\)$/],
    ['trusts the system only', pem, true, /: the TLS handshake failed \([A-Z_]+\)$/],
    ['speaks in the clear', pem, undefined, /cannot be reached/],
    ['speaks TLS to a server in the clear', undefined, { ca }, /: the TLS handshake failed \([A-Z_]+\)$/],
    ['wants another name', pem, { ca, servername: 'payments.test' }, /failed \(ERR_TLS_CERT_ALTNAME_INVALID\)$/],
    ['wants another address', pem, { ca, servername: '127.0.0.2' }, /failed \(ERR_TLS_CERT_ALTNAME_INVALID\)$/],
  ] as const)(
    'given a client that %s, when it calls, then it is Unavailable and says why',
    async (_, serverTls, tls, why) => {
      expect(await asked(serverTls, tls)).toMatchObject({
        left: { ...unavailable.left, message: expect.stringMatching(why) },
      })
    },
  )

  it('given an address that is no name, when the client connects, then no server is asked for by it, and Node warns of nothing', async () => {
    expect(await asked(pem, { ca })).toEqual(ok('nobody'))
    expect(await asked(pem, { ca, servername: '127.0.0.1' })).toEqual(ok('nobody'))
    await new Promise((resolve) => void setImmediate(resolve))
    expect(warnings).toEqual([])
  })

  it('given a servername, when the certificate has it, then the address need not have it', async () => {
    expect(await asked(pem, { ca, servername: 'orders.test' })).toEqual(ok('nobody'))
  })
})

describe('a probe', () => {
  it('given a server with TLS, when it trusts who signed, then the server is well; else it is not', async () => {
    const impl = implement(Who, { who: handler(Who.methods.who, async () => ok('')) })
    await using server = await grpc.serve(impl, { grace: 0, health: true, tls: pem })
    const { signal } = new AbortController()
    expect(await grpc.probe({ tls: { ca } })(server, { signal })).toBe(true)
    expect(await grpc.probe({ tls: { ca, servername: 'orders.test' } })(server, { signal })).toBe(true)
    await expect(grpc.probe({ tls: { ca: other.pem.cert } })(server, { signal })).rejects.toThrow()
    await expect(grpc.probe()(server, { signal })).rejects.toThrow()
  })
})

describe('mTLS', () => {
  const both = { ...pem, ca }
  it('given clients that must show a certificate, when one does, then hooks know who it is', async () => {
    expect(await asked(both, { ca, ...identity('payments', authority).pem })).toEqual(ok('payments'))
  })

  it('given clients that must show a certificate, when one shows none or that of another authority, then it is Unavailable', async () => {
    expect(await asked(both, { ca })).toMatchObject(unavailable)
    expect(await asked(both, { ca, ...identity('mallory', other).pem })).toMatchObject(unavailable)
  })
})

describe('bad options', () => {
  it('given what is no certificate, when it is served or called, then it is an error at once', async () => {
    await expect(asked({ cert: 'nonsense', key: 'nonsense' }, undefined)).rejects.toThrow('grpc.serve: tls')
    await expect(asked({ cert: 5 as never, key: pem.key }, undefined)).rejects.toThrow('grpc.serve: tls')
    expect(() => grpc.client(Who, { address: 'a:1', tls: { cert: pem.cert } })).toThrow('tls: cert and key')
    expect(() => grpc.client(Who, { address: 'a:1', tls: 5 as never })).toThrow('tls is true or an object')
  })
})
