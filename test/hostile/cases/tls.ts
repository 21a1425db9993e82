// A port that speaks TLS: handshakes that do not end, do not begin, or are none.
import { connect } from 'node:tls'
import type { Attack, Family } from '../harness/attack.ts'
import { get, must, soon } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'
import { shaken, tlsPort } from '../harness/shaking.ts'
import { many, pass } from '../harness/wire.ts'

const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
const shaking = (name: string, sends: string, first: string, piece: string, bound: string): Attack => ({
  name,
  sends,
  bound,
  limits: hasty,
  peak: 200,
  run: async (target) => (await shaken(target, first, piece)).gets,
})

export const tls: Family = {
  title: 'TLS',
  about:
    'A second port of the same process, with a certificate. What is no handshake is closed without a word, as there is no one yet to talk to. The others ask on the plain port.',
  attacks: [
    shaking('silent', 'nothing, on 1,000 connections', '', '', '`handshakeTimeout`'),
    shaking('half a hello', 'half a hello, on 1,000 connections', hello, '', '`handshakeTimeout`'),
    shaking('drips a hello', 'a byte of a hello a second, on 1,000 connections', hello, '\x01', '`handshakeTimeout`'),
    shaking('plain HTTP', 'a request in plain HTTP, on 1,000 connections', get('/v1/items/1'), '', 'OpenSSL'),
    shaking('rubbish', 'rubbish, on 1,000 connections', '\x16\x03\x01\x00\x05rubbish rubbish', '', 'OpenSSL'),
    {
      name: 'handshakes',
      sends: 'handshakes at full speed on 10 connections at once, each without a session, and resets',
      bound: 'nothing but the processor: some hundred microseconds each',
      peak: 200,
      async run(target) {
        const port = await tlsPort(target)
        const count = target.by(30, 3_000)
        const start = performance.now()
        await many(count, 10, async () => {
          const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
          socket.on('error', () => {})
          await new Promise((resolve) => {
            socket.once('secureConnect', resolve)
            socket.once('close', resolve)
          })
          socket.destroy()
        })
        return `${Math.round(count / ((performance.now() - start) / 1_000))} a second, × ${count}`
      },
    },
    {
      name: 'requests',
      sends: 'a request with a name of 250 bytes for the server (SNI), as anybody may',
      bound: 'the certificate that there is',
      async run(target) {
        const port = await tlsPort(target)
        const servername = `${'a.'.repeat(120)}example.org`.slice(-250)
        const statuses = await many(target.by(5, 200), 5, async () => {
          const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, servername })
          socket.on('error', () => {})
          socket.write(get('/v1/items/1', 'connection: close\r\n'))
          let text = ''
          socket.on('data', (chunk) => {
            text += String(chunk)
          })
          await Promise.race([new Promise((resolve) => socket.once('close', resolve)), pass(soon)])
          socket.destroy()
          return Number(text.slice(9, 12))
        })
        for (const status of statuses)
          must({ statuses: [200], end: 'closed' }, { statuses: [status], end: 'closed', bytes: 0, ms: 0, text: '' })
        return `200, closed, × ${statuses.length}`
      },
    },
  ],
}
