// Other protocols on the same port.
import { answered, type Family, get, refused, shot } from '../harness/attack.ts'

const parser = "Node's parser"
const malformed = refused(400, /"tag":"BadRequest"/)
const hello = Buffer.from(
  '16030100c8010000c403035a0c0ffee000000000000000000000000000000000000000000000000000000000000000000020c02bc02fc02cc030cca9cca8c013c014009c009d002f0035000a01000079',
  'hex',
)

export const protocols: Family = {
  title: 'Other protocols',
  about:
    'What is meant for somebody else is refused at its first bytes. An upgrade that is not known is no upgrade: the request is answered as any.',
  attacks: [
    shot('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', malformed, {
      sends: 'the preface of HTTP/2',
      bound: parser,
    }),
    shot('TLS', () => hello, malformed, { sends: 'a hello of TLS', bound: parser }),
    shot('SSH', 'SSH-2.0-OpenSSH_9.2\r\n', malformed, { sends: 'a greeting of SSH', bound: parser }),
    shot('PROXY', `PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n${get('/v1/items/1')}`, malformed, {
      sends: 'a line of the PROXY protocol',
      bound: parser,
    }),
    shot('Redis', '*1\r\n$7\r\nFLUSHDB\r\n', malformed, { sends: 'a command of Redis', bound: parser }),
    shot(
      'websocket',
      get(
        '/v1/items/1',
        'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n',
      ),
      { statuses: [200], end: 'closed' },
      { sends: 'an upgrade to a websocket', bound: 'no upgrade, and nothing may follow the offer' },
    ),
    shot(
      'h2c',
      get(
        '/v1/items/1',
        'connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
      ),
      { statuses: [200], end: 'closed' },
      { sends: 'an upgrade to h2c', bound: 'no upgrade, and nothing may follow the offer' },
    ),
    shot('CONNECT', 'CONNECT 10.0.0.1:22 HTTP/1.1\r\nhost: 10.0.0.1:22\r\n\r\nSSH-2.0-x\r\n', refused(501), {
      sends: '`CONNECT`, and bytes for the tunnel',
      bound: 'no tunnels',
    }),
    shot('TRACE', 'TRACE /v1/items/1 HTTP/1.1\r\nhost: x\r\nauthorization: secret\r\n\r\n', answered(405), {
      sends: '`TRACE`',
      bound: 'nothing is echoed',
    }),
  ],
}
