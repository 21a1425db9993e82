import type { MethodInfo } from '@tenon/endpoint'
import { describe, expect, it } from 'vitest'
import { naming } from './naming.ts'

const method = (contract: string, name: string): MethodInfo => ({ contract, name, kind: 'unary', idempotent: false })

describe('naming', () => {
  it('given a name, then it is the name whatever is wrapped', () => {
    const it = naming('mine', 'other')
    it.add(method('shop.Orders', 'place'))
    expect(it.name()).toBe('mine')
  })

  it('given none, then one method names it, several of one contract name that, and anything else is none', () => {
    const it = naming(undefined, 'limit')
    expect(it.name()).toBe('limit')
    it.add(undefined)
    expect(it.name()).toBe('limit')
    it.add(method('shop.Orders', 'place'))
    it.add(method('shop.Orders', 'place'))
    expect(it.name()).toBe('shop.Orders/place')
    it.add(method('shop.Orders', 'get'))
    expect(it.name()).toBe('shop.Orders')
    it.add(method('shop.Stock', 'get'))
    expect(it.name()).toBe('limit')
  })
})
