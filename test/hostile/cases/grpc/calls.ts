// What stands around a message: path, content type, timeout, metadata.
import type { Family } from '../../harness/attack.ts'
import { shot } from '../../harness/calls.ts'
import { framed, text } from '../../harness/grpc.ts'

const bytes = framed(text('hello'))
const none = 'routes'

const paths = [
  shot('unknown method', bytes, {
    path: '/hostile.v1.Echo/Nope',
    sends: 'an unknown method',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: none,
  }),
  shot('unknown service', bytes, {
    path: '/x/y',
    sends: 'an unknown service',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: none,
  }),
  shot('no path', bytes, {
    path: '/',
    sends: '`/`',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: none,
  }),
  shot('__proto__', bytes, {
    path: '/__proto__/constructor',
    sends: '`/__proto__/constructor`',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: 'a map',
  }),
  shot('small letters', bytes, {
    path: '/hostile.v1.Echo/hear',
    sends: 'a method in small letters',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: none,
  }),
  shot('escaped', bytes, {
    path: '/hostile.v1.Echo/%48ear',
    sends: 'a method with an escape in it',
    end: 'UNIMPLEMENTED',
    tells: 'no-method',
    bound: none,
  }),
  shot('long path', bytes, {
    path: `/${'a'.repeat(20_000)}`,
    sends: 'a path of 20,000 bytes',
    end: ['UNIMPLEMENTED', 'reset PROTOCOL_ERROR', 'reset INTERNAL_ERROR'],
    tells: 'no-method',
    bound: 'routes; grpc-js repeats it in its answer',
  }),
  shot('content type', bytes, {
    headers: { 'content-type': 'text/html' },
    sends: 'another content type',
    end: 'HTTP 415',
    tells: 'content-type',
    bound: 'application/grpc',
  }),
  shot('no content type', bytes, {
    headers: { 'content-type': [] },
    sends: 'no content type',
    end: 'HTTP 415',
    tells: 'content-type',
    bound: 'application/grpc',
  }),
  shot('GET', bytes, {
    headers: { ':method': 'PUT' },
    sends: 'PUT in place of POST',
    end: 'OK',
    bound: 'grpc-js does not look; nothing depends on it',
  }),
]

const timeout = (name: string, value: string, end: string, sends: string, tells?: string) =>
  shot(name, bytes, {
    headers: { 'grpc-timeout': value },
    sends,
    end,
    ...(tells !== undefined && { tells }),
    bound: end === 'OK' ? '`request`' : 'the deadline',
  })
const timeouts = [
  timeout('no timeout', 'soon', 'INTERNAL', 'the timeout `soon`', 'bad-timeout'),
  timeout('empty timeout', '', 'INTERNAL', 'a timeout without a character', 'bad-timeout'),
  timeout('no unit', '100', 'INTERNAL', 'a timeout without a unit', 'bad-timeout'),
  timeout('zero', '0m', 'DEADLINE_EXCEEDED', 'a timeout of zero'),
  timeout('a nanosecond', '1n', 'DEADLINE_EXCEEDED', 'a timeout of a nanosecond'),
  timeout('long', '596H', 'OK', 'a timeout of 596 hours'),
  timeout('too long', '597H', 'OK', 'a timeout of 597 hours, 2^31 ms, which grpc-js takes for past'),
  timeout('longest', '99999999H', 'OK', 'a timeout of 11,000 years'),
]

const names = (count: number, length: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`name-${n}`, 'x'.repeat(length)]))
const metadata = [
  shot('15 KB', bytes, {
    headers: { a: 'x'.repeat(15_000) },
    sends: '15 KB of metadata',
    end: 'OK',
    bound: '`metadata`',
  }),
  shot('20 KB', bytes, {
    headers: { a: 'x'.repeat(20_000) },
    sends: '20 KB of metadata',
    end: 'RESOURCE_EXHAUSTED',
    tells: 'metadata-too-large',
    bound: '`metadata`',
  }),
  shot('1,000 names', bytes, {
    headers: names(1_000, 20),
    sends: '1,000 names of metadata',
    end: 'reset ENHANCE_YOUR_CALM',
    bound: 'Node takes 128, and tells nobody',
  }),
  shot('200 KB', bytes, {
    headers: { a: 'x'.repeat(60_000), b: 'x'.repeat(60_000), c: 'x'.repeat(60_000) },
    sends: '180 KB of metadata',
    end: ['HTTP 431', 'reset ENHANCE_YOUR_CALM', 'closed', 'reset COMPRESSION_ERROR', 'reset REFUSED_STREAM'],
    bound: 'nghttp2 takes 64 KB, and tells nobody',
  }),
  shot('one name often', bytes, {
    headers: { a: Array.from({ length: 100 }, () => 'x'.repeat(100)) },
    sends: 'one name 100 times',
    end: 'OK',
    bound: '`metadata`: values are joined',
  }),
  shot('bytes that are none', bytes, {
    headers: { 'x-bin': '!!! no base64 !!!' },
    sends: 'base64 that is none under a name that ends in `-bin`',
    end: 'OK',
    bound: 'read as far as it goes',
  }),
  shot('other letters', bytes, {
    headers: { 'x!#$%&*+^|~': 'y' },
    sends: 'a name that HTTP/2 takes and gRPC does not',
    end: 'OK',
    bound: 'grpc-js leaves it out',
  }),
  shot('bytes above 127', bytes, {
    headers: { x: '\u00ff\u00fe' },
    sends: 'bytes above 127 in a value',
    end: ['OK', 'INVALID_ARGUMENT'],
    bound: 'they are Latin-1',
  }),
  shot('prototype', bytes, {
    headers: { constructor: 'x', tostring: 'x', hasownproperty: 'x' },
    sends: '`constructor` and the like as names',
    end: 'OK',
    bound: 'maps',
  }),
  shot('status', bytes, {
    headers: { 'grpc-status': '0', 'grpc-message': 'fine', 'grpc-status-details-bin': 'AAAA' },
    sends: 'a status in a request',
    end: 'OK',
    bound: 'it is metadata, and never passed on',
  }),
]

export const calls: Family = {
  title: 'gRPC: calls',
  against: 'grpc',
  about: 'A path is one that is served or none. Metadata has fewer bytes than `limits.metadata`, and a timeout is one.',
  attacks: [...paths, ...timeouts, ...metadata],
}
