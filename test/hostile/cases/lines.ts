// Request lines and targets.
import { answered, type Family, get, poured, refused, shot } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'

const parser = "Node's parser, which takes HTTP/1.1 to the letter"
const malformed = refused(400, /"tag":"BadRequest"/)
const missing = answered(404, /"tag":"NoRoute"/)

export const lines: Family = {
  title: 'Request lines and targets',
  about:
    'What is no request line is a 400 and the end of the connection, as nobody can tell where the next request begins.',
  attacks: [
    shot('rubbish', 'rubbish\r\n\r\n', malformed, { sends: '`rubbish`', bound: parser }),
    shot('binary', () => Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 37) % 256)), malformed, {
      sends: '4 KiB of all bytes there are',
      bound: parser,
    }),
    shot('small verb', 'get /v1/items/1 HTTP/1.1\r\nhost: x\r\n\r\n', malformed, {
      sends: 'a verb in small letters',
      bound: parser,
    }),
    shot('endless verb', `${'A'.repeat(10_000)} / HTTP/1.1\r\n\r\n`, malformed, {
      sends: 'a verb of 10,000 letters',
      bound: parser,
    }),
    shot('another verb', 'PURGE /v1/items/1 HTTP/1.1\r\nhost: x\r\n\r\n', answered(405, /"tag":"NoRoute"/), {
      sends: '`PURGE`, a verb that there is',
      bound: 'routes',
    }),
    shot('version 0.9', 'GET /v1/items/1\r\n\r\n', malformed, { sends: 'HTTP/0.9', bound: 'the version' }),
    shot('version 1.2', 'GET / HTTP/1.2\r\nhost: x\r\n\r\n', malformed, { sends: 'HTTP/1.2', bound: parser }),
    shot('version 9.9', 'GET / HTTP/9.9\r\nhost: x\r\n\r\n', malformed, { sends: 'HTTP/9.9', bound: parser }),
    shot('line feeds', 'GET /v1/items/1 HTTP/1.1\nhost: x\n\n', malformed, {
      sends: 'line feeds without carriage returns',
      bound: parser,
    }),
    shot('carriage returns', 'GET /v1/items/1 HTTP/1.1\rhost: x\r\r', malformed, {
      sends: 'carriage returns without line feeds',
      bound: parser,
    }),
    shot('tabs', 'GET\t/v1/items/1\tHTTP/1.1\r\nhost: x\r\n\r\n', malformed, {
      sends: 'tabs in the request line',
      bound: parser,
    }),
    shot('blank lines first', `${'\r\n'.repeat(2_000)}${get('/v1/items/1')}`, answered(200), {
      sends: '2,000 blank lines, then a request',
      bound: 'they are skipped, as HTTP says',
    }),
    shot('absolute form', get('http://other.example/v1/items/1'), answered(200), {
      sends: 'an absolute target, of another host',
      bound: 'its path counts, as HTTP says',
    }),
    shot('no slash', 'GET v1/items/1 HTTP/1.1\r\nhost: x\r\n\r\n', malformed, {
      sends: 'a target without a slash',
      bound: parser,
    }),
    shot('another scheme', get('gopher://x/v1/items/1'), missing, {
      sends: 'a target of another scheme',
      bound: 'routes',
    }),
    shot('asterisk', get('*'), answered(405), { sends: '`GET *`', bound: 'routes' }),
    shot('fragment', get('/v1/items/1#a?q=b'), malformed, {
      sends: 'a fragment in the target',
      bound: 'no target has one',
    }),
    shot('long target', get(`/v1/items/${'a'.repeat(15_000)}`), answered(200), {
      sends: 'a target of 15,000 bytes',
      bound: '`headerBytes`',
    }),
    shot('longer target', get(`/v1/items/${'a'.repeat(20_000)}`), refused(431, /"tag":"HeadersTooLarge"/), {
      sends: 'a target of 20,000 bytes',
      bound: '`headerBytes`',
    }),
    poured('endless target', ['GET /', 'a'], refused(431, /"tag":"HeadersTooLarge"/), {
      sends: 'a target without an end, at full speed',
      bound: '`headerBytes`',
    }),
    poured('endless blank lines', ['', '\r\n'], refused(408, /"tag":"SlowRequest"/), {
      sends: 'blank lines without an end, at full speed',
      bound: '`headersTimeout`',
      limits: hasty,
      ms: 20_000,
    }),
  ],
}
