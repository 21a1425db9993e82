// What a server says of itself is true: every answer of a running one, failures included, fits the document that it serves.
import {
  contract,
  failure,
  handler,
  implement,
  type OpenApiDocument,
  remote,
  serverStream,
  unary,
} from '@tenon/contract'
import { fail, ok } from '@tenon/endpoint'
import { http, type Running } from '@tenon/transport-http'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import * as t from 'io-ts'
import { DateFromISOString } from 'io-ts-types/lib/DateFromISOString.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const NotFound = failure('NotFound', 'not_found', t.strict({ id: t.string }))
const Busy = failure('Busy', 'resource_exhausted', t.strict({ retryAfter: t.number }))
const Refused = failure('Refused', 'failed_precondition')
const Item = t.intersection(
  [t.strict({ id: t.string, at: DateFromISOString }), t.partial({ tags: t.array(t.string) })],
  'Item',
)

const Items = contract('Items', {
  get: unary({
    input: t.strict({ id: t.string }),
    output: Item,
    failures: [NotFound, Refused, Busy],
    http: 'GET /items/{id}',
  }),
  put: unary({
    input: t.strict({ id: t.string, dry: t.boolean, at: DateFromISOString }),
    output: t.union([Item, t.undefined]),
    http: { route: 'PUT /items/{id}', query: ['dry'] },
  }),
  watch: serverStream({
    input: t.intersection([t.strict({ id: t.string }), t.partial({ since: t.number })]),
    output: t.strict({ seq: t.number, at: DateFromISOString }),
    failures: [NotFound],
    http: 'GET /items/{id}/changes',
    resume: { id: 'seq', after: 'since' },
  }),
  drop: unary({ input: t.strict({ ids: t.array(t.string) }), output: t.void, http: 'DELETE /items' }),
})

/** The ways in which a call can end, by the id that asks for them. */
const get = handler(Items.methods.get, async ({ id }, ctx) => {
  switch (id) {
    case 'missing':
      return fail(NotFound({ id }))
    case 'refused':
      return fail(Refused({ message: 'not today' }))
    case 'busy':
      return fail(Busy({ retryAfter: 1_500 }))
    case 'missing-there':
      return fail(remote({ code: 'not_found', tag: 'UserNotFound', message: 'of a further hop' }))
    case 'forged':
      return fail({ ...NotFound({ id }), id: 5 as unknown as string })
    case 'down':
      return fail(remote({ code: 'unavailable', tag: 'Down', retryAfter: 20 }))
    case 'denied':
      return fail(remote({ code: 'permission_denied', tag: 'Denied' }))
    case 'bug':
      throw new Error('a bug')
    case 'unwritable':
      return ok({ id, at: new Date(Number.NaN) })
    case 'slow':
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      return ok({ id, at: new Date(0) })
    default:
      return ok({ id, at: new Date(0), tags: ['a'] })
  }
})
const put = handler(Items.methods.put, ({ id, dry, at }) => ok(dry ? undefined : { id, at }))
const watch = handler(Items.methods.watch, async function* ({ id, since = 0 }) {
  for (let seq = since + 1; seq <= 3; seq++) yield ok({ seq, at: new Date(0) })
  if (id === 'missing') yield fail(NotFound({ id }))
  if (id === 'bug') throw new Error('a bug')
})
const drop = handler(Items.methods.drop, () => ok())

let server: Running
let fits: (verb: string, path: string, answer: Response) => Promise<string>

beforeAll(async () => {
  server = await http.serve(implement(Items, { get, put, watch, drop }), {
    openapi: true,
    limits: { body: 200 },
    onTelemetry: () => {},
  })
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApiDocument
  fits = fitting(document)
})
afterAll(() => server.drain())

interface Told {
  readonly content?: Readonly<Record<string, object>>
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>
}

/** Tells whether an answer fits what the document says of it, and which of its responses that is. */
function fitting(document: OpenApiDocument): typeof fits {
  const ajv = new Ajv2020({ strict: false })
  formats.default(ajv)
  ajv.addSchema(document, 'doc')
  const read = (pointer: string): unknown =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((of, key) => (of as Record<string, unknown>)[unescaped(key)], document)
  const found = (pointer: string): string => {
    const { $ref } = read(pointer) as { readonly $ref?: string }
    return $ref === undefined ? pointer : found($ref.slice(1))
  }
  const check = (pointer: string, value: unknown): void => {
    const validate = ajv.getSchema(`doc#${pointer}`)
    expect(validate, pointer).toBeDefined()
    validate?.(value)
    expect({ value, errors: validate?.errors }).toEqual({ value, errors: null })
  }
  const checkEvent = (pointer: string, event: Readonly<Record<string, string>>): void => {
    check(pointer, event)
    const which = ['message', 'end', 'failure'].indexOf(event.event as string)
    check(`${pointer}/oneOf/${which}/properties/data/contentSchema`, JSON.parse(event.data as string))
  }
  return async (verb, path, answer) => {
    const responses = `/paths/${escaped(path)}/${verb}/responses`
    const status = Object.hasOwn(read(responses) as object, answer.status) ? String(answer.status) : 'default'
    const at = found(`${responses}/${status}`)
    const { content = {}, headers = {} } = read(at) as Told
    const text = await answer.text()
    const type = answer.headers.get('content-type')
    if (Object.keys(content).length === 0) expect([text, type]).toEqual(['', null])
    else {
      expect(Object.keys(content)).toContain(type)
      const schema = `${at}/content/${escaped(type as string)}/schema`
      check(schema, type === 'text/event-stream' ? text : JSON.parse(text))
      if (type === 'text/event-stream')
        for (const event of eventsOf(text)) checkEvent(`${schema}/contentSchema/items`, event)
    }
    for (const [name, { $ref }] of Object.entries(headers)) {
      const value = answer.headers.get(name)
      if (value !== null) check(`${$ref.slice(1)}/schema`, Number(value))
    }
    return status
  }
}

/** The events of a stream by their fields; one without a type is a message. */
const eventsOf = (text: string): readonly Readonly<Record<string, string>>[] =>
  text
    .trim()
    .split('\n\n')
    .map((event) => ({
      event: 'message',
      ...Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))),
    }))

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

describe('the answers of a server that describes itself', () => {
  it.each<[string, number, string]>([
    ['7', 200, '200'],
    ['missing', 404, '404'],
    ['missing-there', 404, '404'],
    ['forged', 404, '404'],
    ['refused', 400, '400'],
    ['%20', 200, '200'],
    ['%ff', 400, '400'],
    ['busy', 429, '429'],
    ['down', 503, '503'],
    ['denied', 403, 'default'],
    ['bug', 500, 'default'],
    ['unwritable', 500, 'default'],
  ])('given GET /items/%s, then its answer, %i, fits what is said of %s', async (id, status, told) => {
    const answer = await fetch(`${server.url}/items/${id}`)
    expect(answer.status).toBe(status)
    expect(await fits('get', '/items/{id}', answer)).toBe(told)
  })

  it('given a failure that says when to come again, then its header is told', async () => {
    const answer = await fetch(`${server.url}/items/busy`)
    expect(answer.headers.get('retry-after')).toBe('2')
    expect(await fits('get', '/items/{id}', answer)).toBe('429')
  })

  it('given a call whose time is up or is no number, then its answer fits', async () => {
    const ask = (ms: string): Promise<Response> =>
      fetch(`${server.url}/items/slow`, { headers: { 'request-timeout-ms': ms } })
    expect(await fits('get', '/items/{id}', await ask('20'))).toBe('default')
    expect(await fits('get', '/items/{id}', await ask('soon'))).toBe('400')
  })

  it.each<[string, string, RequestInit, number, string]>([
    ['what fits', '?dry=false', { body: '{"at":"2026-01-01T00:00:00Z"}' }, 200, '200'],
    ['what has no answer', '?dry=true', { body: '{"at":"2026-01-01T00:00:00Z"}' }, 204, '204'],
    ['wrong fields', '?dry=no&x=1', { body: '{"at":7,"more":1}' }, 400, '400'],
    ['no JSON', '?dry=true', { body: '{' }, 400, '400'],
    ['nothing', '?dry=true', {}, 400, '400'],
    ['another media type', '?dry=true', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'default'],
    ['too much', '?dry=true', { body: `{"at":"${'x'.repeat(300)}"}` }, 413, 'default'],
  ])('given PUT with %s, then its answer fits', async (_, query, init, status, told) => {
    const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string> | undefined) }
    const answer = await fetch(`${server.url}/items/7${query}`, { method: 'PUT', ...init, headers })
    expect(answer.status).toBe(status)
    expect(await fits('put', '/items/{id}', answer)).toBe(told)
  })

  it('given DELETE with a list in the query, or none, then its answer fits', async () => {
    for (const query of ['?ids=a&ids=b', '?ids=a', '']) {
      const answer = await fetch(`${server.url}/items${query}`, { method: 'DELETE' })
      expect([query, answer.status]).toEqual([query, 204])
      expect(await fits('delete', '/items', answer)).toBe('204')
    }
  })

  it.each<[string, Record<string, string>, number, readonly string[]]>([
    ['7', {}, 200, ['1', '2', '3', 'end']],
    ['missing', { 'last-event-id': '2' }, 200, ['3', 'failure']],
    ['bug', { 'last-event-id': '3' }, 200, ['failure']],
    ['7', { 'last-event-id': ':end' }, 204, []],
    ['7', { accept: 'text/plain' }, 406, []],
  ])('given the stream of %s and %j, then its events fit', async (id, headers, status, told) => {
    const answer = await fetch(`${server.url}/items/${id}/changes`, { headers })
    const copy = answer.clone()
    expect(answer.status).toBe(status)
    expect(await fits('get', '/items/{id}/changes', answer)).toBe(status === 406 ? 'default' : String(status))
    const events = told.length === 0 ? [] : eventsOf(await copy.text())
    expect(events.map(({ event, id }) => (event === 'message' ? id : event))).toEqual(told)
  })

  it('given an answer that the document does not know, then this test would see it', async () => {
    const forged = { type: 'x', title: 'x', status: 404, detail: 'x', code: 'not_found', tag: 'NotFound', details: {} }
    const init = { status: 404, headers: { 'content-type': 'application/problem+json' } }
    const answer = new Response(JSON.stringify(forged), init)
    await expect(fits('get', '/items/{id}', answer)).rejects.toThrow()
  })
})
