// A port that speaks TLS: handshakes that do not end, do not begin, or are none.
import { connect } from 'node:tls'
import type { Attack, Family, Target } from '../harness/attack.ts'
import { get, must, soon } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'
import { many, open, pass } from '../harness/wire.ts'

const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
const tlsPort = async ({ ask }: Target): Promise<number> => (await ask('tlsPort')) as number

/** Sends the first, and a piece a second, on many connections, until they are closed without a word. */
const shaking = (name: string, sends: string, first: string, piece: string, bound: string): Attack => ({
  name,
  sends,
  bound,
  limits: hasty,
  peak: 200,
  async run(target) {
    const port = await tlsPort(target)
    const { by } = target
    const count = by(10, 1_000)
    const heard = await many(count, count, async (i) => {
      await pass(i / 2)
      const to = await open(port)
      if (first !== '') await to.write(first)
      for (let n = 0; to.heard().end === 'open' && n < 60; n++) {
        await to.closed(by(100, 1_000))
        if (to.heard().end === 'open' && piece !== '') await to.write(piece)
      }
      to.destroy()
      const { statuses, end } = to.heard()
      if (statuses.length > 0 || end === 'open')
        throw new Error(`must close without an answer; got ${statuses}, ${end}`)
      return to.heard().ms
    })
    return `closed after ${(Math.max(...heard) / 1_000).toFixed(1)} s at most, × ${count}`
  },
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
