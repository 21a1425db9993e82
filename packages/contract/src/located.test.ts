import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { bindings, codecs, contract, decodeCallFailed, invalidArgument, unary } from './index.ts'

const { methods } = contract('books.v1.Books', {
  put: unary({
    input: t.strict({ shelf: t.number, pin: t.string, dry: t.boolean, book: t.strict({ title: t.string }) }),
    output: t.void,
    http: { route: 'PUT /v1/{shelf}', headers: { pin: 'x-pin' }, query: ['dry'], body: 'book' },
  }),
  add: unary({ input: t.strict({ title: t.string }), output: t.void, http: 'POST /v1/books' }),
})
const [put] = bindings(methods.put)
const [add] = bindings(methods.add)

function refusal(parts: { shelf: string; query: string; header?: string; body: unknown }) {
  const { shelf, query, header, body } = parts
  const raw = put?.decode({ params: { shelf }, query, header: () => header, body })
  const decoded = raw?._tag === 'Right' ? codecs(methods.put).decodeInput(raw.right) : raw
  if (put === undefined || decoded?._tag !== 'Left') throw new Error('it was taken')
  return put.locate(decoded.left as ReturnType<typeof invalidArgument>)
}

describe('a request that does not fit', () => {
  it('given fields in path, header, query and body, then each issue says where it was looked for, under which name', () => {
    const { issues } = refusal({ shelf: 'a', query: 'dry=1', body: { title: 1 } })
    expect(issues.map(({ path, in: place, name }) => [path, place, name])).toEqual([
      ['shelf', 'path', 'shelf'],
      ['pin', 'header', 'x-pin'],
      ['dry', 'query', 'dry'],
      ['book.title', 'body', 'title'],
    ])
  })

  it('then the message begins with it, and goes on as it was', () => {
    const good = { shelf: '1', query: 'dry=true', header: 'a', body: { title: 'a' } }
    expect(refusal({ ...good, header: undefined as never }).message).toMatch(/^pin \(header x-pin\): expected string, /)
    expect(refusal({ ...good, query: 'dry=1' }).message).toMatch(/^dry \(query\): expected boolean, /)
    expect(refusal({ ...good, body: { title: 1 } }).message).toMatch(/^book\.title \(body title\): expected string, /)
    expect(refusal({ ...good, body: 1 }).message).toMatch(/^book \(body\): expected object, /)
    expect(refusal({ ...good, shelf: 'a', query: 'dry=1' }).message).toMatch(/^shelf \(path\): .* \(and 1 more\)$/)
  })

  it('given a body that is the whole input, then its path says all', () => {
    const whole = invalidArgument([{ path: 'title', expected: 'string', actual: 'number' }])
    expect(add?.locate(whole)).toEqual(whole)
  })

  it('given an input that cannot be sent, then the client says the same', () => {
    const sent = put?.encode({ shelf: 1, pin: 'a\nb', dry: true, book: {} })
    expect(sent).toMatchObject({ left: { issues: [{ path: 'pin', in: 'header', name: 'x-pin' }] } })
  })

  it('given issues from a wire, then where they were looked for is kept, and nothing that is no place', () => {
    const issue = { path: 'pin', expected: 'string', actual: 'missing' }
    const issues = [
      { ...issue, in: 'header', name: 'x-pin' },
      { ...issue, in: 'cookie', name: 'pin' },
    ]
    const failure = decodeCallFailed({ code: 'invalid_argument', message: 'm', details: { issues } })
    expect(failure).toMatchObject({ issues: [issues[0], issue] })
    expect(JSON.stringify(failure)).not.toContain('cookie')
  })
})
