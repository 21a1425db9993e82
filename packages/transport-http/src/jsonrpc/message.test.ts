// Laws of reading messages: ids as they were written, whatever stands around them, and no surprise from any text.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rpcLimits } from './limits.ts'
import { readMessage } from './message.ts'
import { outlines } from './outline.ts'

const limits = rpcLimits('test')
const space = fc.stringMatching(/^[ \t\n\r]{0,3}$/)
/** Texts of legal ids: digits that a double cannot hold, fractions, exponents, escapes. */
const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,40})$/)
const idText = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '-'),
      digits,
      fc.stringMatching(/^(\.[0-9]{1,30})?$/),
      fc.stringMatching(/^([eE][+-]?[0-9]{1,4})?$/),
    )
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.array(fc.constantFrom('\\u0069', '\\"', '\\\\', 'd', '\\/', '}', ']', ',')).map((parts) => `"${parts.join('')}"`),
  fc.constant('null'),
)
/** JSON with keys and strings that look like ids. */
const params = fc
  .jsonValue({ maxDepth: 4 })
  .chain((value) => fc.constantFrom(value, { id: value }, [{ id: value, x: '"id":7}' }], { a: { id: [value] } }))

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

describe('given any call', () => {
  const member = fc.tuple(fc.constantFrom('"id"', '"\\u0069d"', '"i\\u0064"'), idText)
  const text = fc
    .record({
      ids: fc.array(member, { maxLength: 2 }),
      params,
      gaps: fc.array(space, { minLength: 12, maxLength: 12 }),
      at: fc.nat(2),
    })
    .map(({ ids, params, gaps, at }) => {
      const [a, b, c, d, ...gs] = gaps as [string, string, string, string, ...string[]]
      const members = ['"jsonrpc":"2.0"', '"method":"m"', `"params":${JSON.stringify(params)}`]
      members.splice(at, 0, ...ids.map(([key, id], n) => `${key}${gs[n]}:${gs[n + 2]}${id}${gs[n + 4]}`))
      return { text: `${a}{${b}${members.join(`,${c}`)}}${d}`, id: ids.at(-1)?.[1] }
    })

  it('the last id is found as it was written, alone and in a batch', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), space, (calls, gap) => {
        const read = readMessage(Buffer.from(`${gap}[${calls.map((c) => c.text).join(`${gap},`)}]${gap}`), limits)
        const single = readMessage(Buffer.from((calls[0] as { text: string }).text), limits)
        const ids = (message: typeof read): unknown =>
          message._tag === 'Right' && message.right.elements.map((element) => element.request?.idText ?? element.id)
        const told = (c: { text: string; id: string | undefined }): string | undefined => {
          const { params } = JSON.parse(c.text) as { params: unknown }
          // What is no call is answered, if without an id then with null.
          return typeof params === 'object' ? c.id : (c.id ?? 'null')
        }
        expect(ids(read)).toEqual(calls.map(told))
        expect(ids(single)).toEqual(calls.slice(0, 1).map(told))
      }),
    )
  })
})

describe('given any JSON', () => {
  it('there is one outline for every element, and its depth is that of the value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), space, (json, gap) => {
        const value: unknown = JSON.parse(json)
        const elements = Array.isArray(value) ? value : [value]
        if (elements.length === 0) return
        expect(outlines(`${gap}${json}${gap}`).map(({ depth }) => depth)).toEqual(elements.map(depthOf))
      }),
    )
  })

  it('and any bytes at all, then it is read or refused and never throws', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 0123ed.-ni"id"') }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, (body) => {
        const read = readMessage(Buffer.from(body), limits)
        if (read._tag === 'Left') expect(['ParseError', 'InvalidRequest']).toContain(read.left._tag)
        else for (const { request, wrong } of read.right.elements) expect(request ?? wrong).toBeDefined()
      }),
      { numRuns: 500 },
    )
  })

  it('when it is nested hundred thousands deep, then it is refused, and quickly', () => {
    const deep = `{"jsonrpc":"2.0","method":"m","params":${'['.repeat(400_000)}${']'.repeat(400_000)},"id":1}`
    const start = performance.now()
    const read = readMessage(Buffer.from(deep), limits)
    expect(read).toMatchObject({ right: { elements: [{ id: '1', wrong: { _tag: 'InvalidArgument' } }] } })
    const any = readMessage(Buffer.from(deep.replace('"m"', '"__proto__"')), rpcLimits('test', { depth: 1_000_000 }))
    expect(any).toMatchObject({ right: { elements: [{ id: '1', wrong: undefined }] } })
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
