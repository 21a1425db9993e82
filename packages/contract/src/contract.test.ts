import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { type AnyMethod, bindings, contract, duplex, event, failure, serverStream, unary } from './index.ts'

const Id = t.strict({ id: t.string })
const get = unary({ input: Id, output: t.string, http: 'GET /v1/orders/{id}' })

describe('a contract', () => {
  it('given methods, when it is made, then each knows its contract, its name and whether it is idempotent', () => {
    const Orders = contract('shop.v1.Orders', {
      get,
      again: unary({ input: Id, output: t.string, idempotent: true }),
      watch: serverStream({ input: Id, output: t.string }),
      placed: event({ message: Id }),
    })
    expect(Orders.methods.get).toMatchObject({
      contract: 'shop.v1.Orders',
      name: 'get',
      kind: 'unary',
      idempotent: false,
    })
    expect([Orders.methods.again.idempotent, Orders.methods.placed.idempotent]).toEqual([true, true])
    expect(Object.values(Orders.methods).map((method) => method.kind)).toEqual([
      'unary',
      'unary',
      'serverStream',
      'event',
    ])
    expect(Object.isFrozen(Orders) && Object.isFrozen(Orders.methods) && Object.isFrozen(Orders.methods.get)).toBe(true)
  })

  it('given one method in two contracts, when they are made, then each has its own', () => {
    const [a, b] = [contract('a.A', { get }), contract('b.B', { find: get })]
    expect([a.methods.get.contract, b.methods.find.contract, b.methods.find.name]).toEqual(['a.A', 'b.B', 'find'])
    expect(get).not.toHaveProperty('contract')
  })

  it('given rules for unknown keys, when a method has its own, then those win', () => {
    const { methods } = contract(
      'a.A',
      { a: get, b: unary({ input: Id, output: Id, unknownKeys: { output: 'strip' } }) },
      { unknownKeys: { input: 'strip', output: 'refuse' } },
    )
    expect(methods.a.unknownKeys).toEqual({ input: 'strip', output: 'refuse' })
    expect(methods.b.unknownKeys).toEqual({ input: 'strip', output: 'strip' })
  })

  it('given a name that no wire can carry, when it is made, then a TypeError names it', () => {
    for (const name of ['', 'a b', 'a..b', '.a', 'a/b', '1a', 'a.'])
      expect(() => contract(name, {})).toThrow('contract: a name reads "shop.orders.v1.Orders"')
    expect(() => contract('a'.repeat(201), {})).toThrow('at most 200 characters')
    for (const name of ['a-b', 'a.b', ' ', '1'])
      expect(() => contract('a.A', { [name]: get })).toThrow(`a.A.${name}: a method's name is an identifier`)
    for (const name of ['then', 'constructor', 'toString', 'hasOwnProperty'])
      expect(() => contract('a.A', { [name]: get })).toThrow(`a.A.${name}: "${name}" means something else`)
  })

  it('given something that is no method or no codec, when it is made, then a TypeError names it', () => {
    expect(() => contract('a.A', { get: {} as AnyMethod })).toThrow('a.A.get: this is no method')
    const input = { ...get, input: { name: 'x' } } as unknown as AnyMethod
    expect(() => contract('a.A', { get: input })).toThrow('a.A.get: "input" is no io-ts codec')
    const keys = { ...get, unknownKeys: { input: 'ignore' } } as unknown as AnyMethod
    expect(() => contract('a.A', { get: keys })).toThrow('unknownKeys.input is "refuse" or "strip" and not "ignore"')
  })

  it('given failures that cannot be told apart, when it is made, then a TypeError names them', () => {
    const [A, B] = [failure('Gone', 'not_found'), failure('Gone', 'aborted')]
    expect(() => contract('a.A', { get: unary({ input: Id, output: Id, failures: [A, B] }) })).toThrow(
      'a.A.get: two failures are named Gone',
    )
    const mine = failure('Unavailable', 'unavailable')
    expect(() => contract('a.A', { get: unary({ input: Id, output: Id, failures: [mine] }) })).toThrow(
      "a.A.get: the failure Unavailable is any call's",
    )
  })

  it('given two methods with one route, when it is made, then a TypeError names both', () => {
    const other = unary({ input: t.strict({ key: t.string }), output: t.string, http: 'GET /v1/orders/{key}' })
    expect(() => contract('a.A', { get, other })).toThrow(
      'a.A.other (GET /v1/orders/{key}): the same route as that of a.A.get (GET /v1/orders/{id})',
    )
    const twice = unary({ input: Id, output: t.string, http: ['GET /a/{id}', 'GET /a/{id}'] })
    expect(() => contract('a.A', { twice })).toThrow('the same route')
  })

  it('given an event or a stream of inputs, when its bindings are asked for, then there are none', () => {
    const { methods } = contract('a.A', { talk: duplex({ input: Id, output: Id }), placed: event({ message: Id }) })
    expect([bindings(methods.talk), bindings(methods.placed)]).toEqual([[], []])
    const bound = { ...duplex({ input: Id, output: Id }), http: [{ route: 'POST /a' }] } as unknown as AnyMethod
    expect(() => contract('a.A', { bound })).toThrow('a.A.bound: its input is a stream: no http binding')
  })
})
