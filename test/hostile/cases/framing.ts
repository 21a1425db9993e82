// Where a message ends: lengths that disagree, chunks that lie, and whatever makes two readers see two requests in one.
import { answered, type Family, get, poured, refused, shot } from '../harness/attack.ts'
import { hasty } from '../harness/hasty.ts'

const json = 'content-type: application/json\r\n'
const head = (headers: string): string => `POST /v1/orders HTTP/1.1\r\nhost: x\r\n${json}${headers}\r\n`
const chunked = (rest: string): string => head('transfer-encoding: chunked\r\n') + rest
const parser = "Node's parser"
const malformed = refused(400, /"tag":"BadRequest"/)
const tooLarge = refused(431, /"tag":"HeadersTooLarge"/)
const hidden = get('/v1/items/smuggled')

export const framing: Family = {
  title: 'Lengths and chunks',
  about:
    'Each hides a second request behind a message whose end is doubtful (`GET /v1/items/smuggled`). The sender gets one refusal and the end of the connection: the second request is never seen, let alone answered.',
  attacks: [
    shot('two lengths', `${head('content-length: 2\r\ncontent-length: 60\r\n')}{}${hidden}`, malformed, {
      sends: 'two lengths',
      bound: parser,
    }),
    shot('one length twice', `${head('content-length: 2\r\ncontent-length: 2\r\n')}{}${hidden}`, malformed, {
      sends: 'the same length twice',
      bound: parser,
    }),
    shot('list of lengths', `${head('content-length: 2, 2\r\n')}{}${hidden}`, malformed, {
      sends: '`content-length: 2, 2`',
      bound: parser,
    }),
    shot('CL and TE', `${head('content-length: 6\r\ntransfer-encoding: chunked\r\n')}0\r\n\r\n${hidden}`, malformed, {
      sends: 'a length and chunks',
      bound: parser,
    }),
    shot('TE and CL', `${head('transfer-encoding: chunked\r\ncontent-length: 6\r\n')}0\r\n\r\n${hidden}`, malformed, {
      sends: 'chunks and a length',
      bound: parser,
    }),
    shot('sign', `${head('content-length: +2\r\n')}{}${hidden}`, malformed, {
      sends: '`content-length: +2`',
      bound: parser,
    }),
    shot('negative', head('content-length: -1\r\n') + hidden, malformed, {
      sends: '`content-length: -1`',
      bound: parser,
    }),
    shot('hexadecimal', `${head('content-length: 0x2\r\n')}{}${hidden}`, malformed, {
      sends: '`content-length: 0x2`',
      bound: parser,
    }),
    shot('empty length', `${head('content-length:\r\n')}{}${hidden}`, malformed, {
      sends: '`content-length:` without a number',
      bound: parser,
    }),
    shot('length beyond 64 bits', head('content-length: 99999999999999999999\r\n') + hidden, malformed, {
      sends: 'a length beyond 64 bits',
      bound: parser,
    }),
    shot('length of 64 bits', head('content-length: 18446744073709551615\r\n') + hidden, refused(413), {
      sends: 'a length of 2^64 - 1',
      bound: '`body`',
      full: 20,
    }),
    shot('chunked, identity', `${head('transfer-encoding: chunked, identity\r\n')}0\r\n\r\n${hidden}`, malformed, {
      sends: '`transfer-encoding: chunked, identity`',
      bound: parser,
    }),
    shot('identity', head('transfer-encoding: identity\r\n') + hidden, refused(501, /"tag":"UnknownCoding"/), {
      sends: '`transfer-encoding: identity`',
      bound: 'chunked only',
      full: 20,
    }),
    shot('xchunked', `${head('transfer-encoding: xchunked\r\n')}0\r\n\r\n${hidden}`, refused(501), {
      sends: '`transfer-encoding: xchunked`',
      bound: 'chunked only',
      full: 20,
    }),
    shot(
      'gzip, chunked',
      `${head('transfer-encoding: gzip, chunked\r\n')}2\r\n{}\r\n0\r\n\r\n${hidden}`,
      refused(501),
      { sends: '`transfer-encoding: gzip, chunked`', bound: 'chunked only' },
    ),
    shot(
      'two codings',
      `${head('transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n')}2\r\n{}\r\n0\r\n\r\n${hidden}`,
      malformed,
      { sends: 'chunked twice', bound: parser },
    ),
    shot('vertical tab', `${head('transfer-encoding: \x0bchunked\r\n')}0\r\n\r\n${hidden}`, malformed, {
      sends: 'a vertical tab before `chunked`',
      bound: parser,
    }),
    shot(
      'chunks in HTTP/1.0',
      `POST /v1/orders HTTP/1.0\r\nconnection: keep-alive\r\n${json}transfer-encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      malformed,
      { sends: 'chunks in HTTP/1.0', bound: 'the version' },
    ),
    shot('no hexadecimal chunk', chunked(`zz\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a chunk of size `zz`',
      bound: parser,
    }),
    shot('negative chunk', chunked(`-2\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a chunk of size -2',
      bound: parser,
    }),
    shot('0x chunk', chunked(`0x2\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a chunk of size `0x2`',
      bound: parser,
    }),
    shot('huge chunk', chunked(`ffffffffffffffffff\r\n{}${hidden}`), malformed, {
      sends: 'a chunk of 2^72 - 1 bytes',
      bound: parser,
    }),
    shot('short chunk', chunked(`1\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a chunk that is longer than it says',
      bound: parser,
    }),
    shot('line feed chunk', chunked(`2\n{}\n0\n\n${hidden}`), malformed, {
      sends: 'chunks that end with line feeds',
      bound: parser,
    }),
    shot('extension bomb', chunked(`2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a chunk extension of 20,000 bytes',
      bound: `16 KiB in ${parser}`,
    }),
    shot('trailer bomb', chunked(`2\r\n{}\r\n0\r\nx: ${'a'.repeat(20_000)}\r\n\r\n${hidden}`), tooLarge, {
      sends: 'a trailer of 20,000 bytes',
      bound: '`headerBytes`',
    }),
    shot('many trailers', chunked(`2\r\n{}\r\n0\r\n${'x: a\r\n'.repeat(4_000)}\r\n${hidden}`), tooLarge, {
      sends: '4,000 trailers',
      bound: '`headerBytes`',
    }),
    shot('length as trailer', chunked(`2\r\n{}\r\n0\r\ncontent-length: 5\r\n\r\n${hidden}`), malformed, {
      sends: 'a length among the trailers',
      bound: parser,
    }),
    poured('endless extension', [chunked('2;'), 'a'], malformed, {
      sends: 'a chunk extension without an end',
      bound: `16 KiB in ${parser}`,
    }),
    poured(
      'endless extensions',
      [chunked(''), `1;${'a'.repeat(10_000)}\r\n \r\n`],
      refused(408, /"tag":"SlowRequest"/),
      {
        sends: 'chunks of one byte with extensions of 10,000, without an end',
        bound: '`bodyTimeout`',
        limits: hasty,
        ms: 20_000,
      },
    ),
    poured('endless trailers', [chunked('2\r\n{}\r\n0\r\n'), 'x: y\r\n'], tooLarge, {
      sends: 'trailers without an end',
      bound: '`headerBytes`',
    }),
    shot('blank behind size', chunked(`2 \r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a blank behind the size of a chunk',
      bound: parser,
    }),
    shot('LF in extension', chunked(`2;a\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a line feed that ends an extension',
      bound: parser,
    }),
    shot('quoted CRLF', chunked(`2;a="\r\n"\r\n{}\r\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'the end of a line in a quoted extension',
      bound: parser,
    }),
    shot('LF behind chunk', chunked(`2\r\n{}\n0\r\n\r\n${hidden}`), malformed, {
      sends: 'a line feed behind a chunk',
      bound: parser,
    }),
    shot('colon and blank', `${head('content-length : 2\r\n')}{}${hidden}`, malformed, {
      sends: 'a blank before the colon of a length',
      bound: parser,
    }),
    shot('quoted chunked', `${head('transfer-encoding: "chunked"\r\n')}0\r\n\r\n${hidden}`, refused(501), {
      sends: '`transfer-encoding: "chunked"`',
      bound: 'chunked only',
      full: 20,
    }),
    shot('empty coding', `${head('transfer-encoding:\r\ncontent-length: 2\r\n')}{}${hidden}`, malformed, {
      sends: 'an empty coding and a length',
      bound: parser,
    }),
    shot(
      'upgrade',
      `${head('connection: upgrade\r\nupgrade: x\r\ncontent-length: 2\r\n')}{}${hidden}`,
      refused(400, /InvalidArgument/),
      { sends: 'an offer to upgrade, with a body', bound: 'nothing may follow it' },
    ),
    shot(
      'a body of a GET',
      `GET /v1/items/1 HTTP/1.1\r\nhost: x\r\ncontent-length: ${hidden.length}\r\n\r\n${hidden}`,
      answered(200),
      { sends: 'a request as the body of a GET', bound: 'it is a body: read and dropped' },
    ),
  ],
}
