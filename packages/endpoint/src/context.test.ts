import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  background,
  type Context,
  call,
  cancelled,
  clockOf,
  endedBy,
  endpoint,
  extend,
  metadata,
  ok,
  onEnding,
  outgoing,
  pause,
  run,
  withAttempt,
  withCancel,
  withDeadline,
  withMetadata,
  withTimeout,
} from './index.ts'
import { virtualClock } from './testing.ts'

describe('extend', () => {
  it('given fields, then the new context has them, the old one does not, and both share the call', () => {
    const scope = withCancel(background())
    const ctx = extend(extend(scope.ctx, { a: 1 }), { b: 2 })
    expect({ ...ctx }).toEqual({ a: 1, b: 2 })
    expect(Object.keys(scope.ctx)).toEqual([])
    scope.cancel()
    expect(ctx.signal.aborted).toBe(true)
    expect(ctx.signal).toBe(scope.ctx.signal)
  })

  it("given a field that is there already or is the context's own, then it is refused by name", () => {
    const ctx = extend(background(), { claims: 1 })
    expect(() => extend(ctx, { claims: 2 })).toThrow('two middlewares provide "claims"')
    for (const own of ['signal', 'deadline', 'metadata', 'attempt'])
      expect(() => extend(background(), { [own]: 1 })).toThrow(`"${own}"`)
  })

  it('given a child in any respect, then it keeps the fields', () => {
    const clock = virtualClock()
    const ctx = extend(background({ clock }), { claims: 'a' })
    expect(withMetadata(ctx, { k: 'v' }).claims).toBe('a')
    expect(withDeadline(ctx, 5).ctx.claims).toBe('a')
    expect(withAttempt(ctx, { number: 2, tried: new Set() }).claims).toBe('a')
    expect(clockOf(withCancel(ctx).ctx)).toBe(clock)
  })

  it('given a spread copy, which has lost the signal, then using it is a TypeError that says what to do', async () => {
    const copy = { ...background(), db: 1 } as unknown as Context
    expect(() => extend(copy, { a: 1 })).toThrow('extend(ctx, fields)')
    expect(
      await run(
        endpoint((_: undefined, ctx) => ok(endedBy(ctx))),
        undefined,
        copy,
      ),
    ).toMatchObject({ left: { _tag: 'Defect' } })
  })

  it('given a literal context that has all a context needs, then it joins in', () => {
    const controller = new AbortController()
    const ctx = { signal: controller.signal, deadline: 7, metadata: new Map([['k', 'v']]), db: 1 }
    const child = withCancel(ctx)
    expect([child.ctx.deadline, child.ctx.metadata.get('k'), child.ctx.db]).toEqual([7, 'v', 1])
    controller.abort()
    expect(endedBy(child.ctx)?._tag).toBe('Cancelled')
  })
})

describe('cancellation', () => {
  it('given a parent that ends, then its children end, whether anybody listens or not', () => {
    const parent = withCancel(background())
    const deaf = withCancel(withCancel(parent.ctx).ctx)
    const heard: unknown[] = []
    const listening = withCancel(withCancel(parent.ctx).ctx)
    onEnding(listening.ctx, (why) => heard.push(why))
    const { signal } = listening.ctx
    parent.cancel()
    expect(endedBy(deaf.ctx)).toEqual(cancelled())
    expect(deaf.ctx.signal.aborted).toBe(true)
    expect(signal.aborted).toBe(true)
    expect(signal.reason).toEqual(cancelled())
    expect(heard).toEqual([cancelled()])
  })

  it('given a child that ends, then its parent goes on', () => {
    const parent = withCancel(background())
    withCancel(parent.ctx).cancel()
    expect(endedBy(parent.ctx)).toBeUndefined()
  })

  it('given a second reason, then the first one stays', () => {
    const scope = withCancel(background())
    scope.cancel(cancelled('first'))
    scope.cancel(cancelled('second'))
    expect(endedBy(scope.ctx)?.message).toBe('first')
  })

  it('given a signal from outside, then its abort ends the call with what it says', () => {
    const controller = new AbortController()
    const scope = withCancel(background(), controller.signal)
    const heard: string[] = []
    onEnding(scope.ctx, (why) => heard.push(why._tag))
    controller.abort(new DOMException('', 'TimeoutError'))
    expect(heard).toEqual(['DeadlineExceeded'])
  })

  it('given a listener that throws, then the others hear all the same', () => {
    const scope = withCancel(background())
    const heard: string[] = []
    onEnding(scope.ctx, () => {
      throw new Error('listener')
    })
    onEnding(scope.ctx, (why) => heard.push(why._tag))
    scope.cancel()
    expect(heard).toEqual(['Cancelled'])
  })

  it('given a disposed listener or scope, then it is forgotten', () => {
    const parent = withCancel(background())
    const heard: string[] = []
    onEnding(parent.ctx, () => heard.push('listener'))[Symbol.dispose]()
    {
      using child = withCancel(parent.ctx)
      onEnding(child.ctx, () => heard.push('child'))
    }
    parent.cancel()
    expect(heard).toEqual([])
  })

  it('given a million finished calls on one parent, each of which asked for its signal, then memory stays flat', async () => {
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as () => void
    const parent = withCancel(background())
    const listens = endpoint((_: undefined, ctx) => {
      ctx.signal.addEventListener('abort', () => {})
      return ok()
    })
    const batch = async (n: number): Promise<void> => {
      for (let i = 0; i < n; i++) await call(listens, undefined, { parent: parent.ctx })
    }
    const heap = async (): Promise<number> => {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 5))
      gc()
      return process.memoryUsage().heapUsed
    }
    await batch(20_000)
    const before = await heap()
    await batch(1_000_000)
    // A listener kept for each call would be 100 MB and more.
    expect((await heap()) - before).toBeLessThan(16e6)
    parent.cancel()
  }, 60_000)
})

describe('deadlines', () => {
  it("given a child with a later deadline than its parent, then the parent's counts", () => {
    const clock = virtualClock(100)
    const parent = withTimeout(background({ clock }), 50)
    expect(parent.ctx.deadline).toBe(150)
    expect(withTimeout(parent.ctx, 500).ctx.deadline).toBe(150)
    expect(withTimeout(parent.ctx, 20).ctx.deadline).toBe(120)
    expect(background().deadline).toBe(Number.POSITIVE_INFINITY)
  })

  it('given a deadline that passes, then a signal that was read aborts, and no timer exists where none was read', async () => {
    const clock = virtualClock()
    const quiet = withTimeout(background({ clock }), 50)
    expect(clock.pending).toBe(0)
    const { signal } = withCancel(withTimeout(background({ clock }), 50).ctx).ctx
    expect(clock.pending).toBe(1)
    await clock.advance(49)
    expect(signal.aborted).toBe(false)
    await clock.advance(1)
    expect(signal.reason).toMatchObject({ _tag: 'DeadlineExceeded' })
    expect(clock.pending).toBe(0)
    quiet[Symbol.dispose]()
  })

  it('given a scope that is disposed, then its timer goes with it', () => {
    const clock = virtualClock()
    {
      using scope = withTimeout(background({ clock }), 50)
      void scope.ctx.signal
      expect(clock.pending).toBe(1)
    }
    expect(clock.pending).toBe(0)
  })
})

describe('metadata', () => {
  it('given keys in any case, then they are lower-case, the later one wins, and nobody can change them', () => {
    const ctx = withMetadata(background(), { 'X-Tenant': 'a' })
    const again = withMetadata(ctx, { 'x-tenant': 'b' })
    expect([ctx.metadata.get('x-tenant'), again.metadata.get('x-tenant')]).toEqual(['a', 'b'])
    const map = ctx.metadata as Map<string, string>
    expect(() => map.set('x', 'y')).toThrow('metadata is immutable')
    expect(() => map.delete('x-tenant')).toThrow('metadata is immutable')
    expect(() => map.clear()).toThrow('metadata is immutable')
  })

  it('given what came in with a call, then only the allow-list goes out, and all that was set for this hop', () => {
    const received = metadata([
      ['Authorization', 'secret'],
      ['traceparent', '00-1'],
      ['x-tenant', 'a'],
    ])
    const ctx = withMetadata(background({ metadata: received }), { 'x-hop': '1' })
    expect([...outgoing(ctx)]).toEqual([
      ['traceparent', '00-1'],
      ['x-hop', '1'],
    ])
    expect([...outgoing(ctx, ['x-tenant'])]).toEqual([
      ['x-tenant', 'a'],
      ['x-hop', '1'],
    ])
  })

  it('given a call with a parent, then what may pass on does and the rest does not', async () => {
    const seen: string[][] = []
    const inner = endpoint((_: undefined, ctx) => ok(void seen.push([...ctx.metadata.keys()])))
    const parent = background({
      metadata: metadata([
        ['cookie', 'c'],
        ['x-request-id', 'r'],
      ]),
    })
    await call(inner, undefined, { parent, metadata: { 'X-Own': '1' } })
    expect(seen).toEqual([['x-request-id', 'x-own']])
  })
})

describe('pause', () => {
  it('given time that passes, then true; given a call that ends first, then false, and nothing is left behind', async () => {
    const clock = virtualClock()
    const scope = withCancel(background({ clock }))
    const answers: boolean[] = []
    void pause(scope.ctx, 10).then((passed) => answers.push(passed))
    void pause(scope.ctx, 100).then((passed) => answers.push(passed))
    await clock.advance(10)
    expect(answers).toEqual([true])
    scope.cancel()
    await clock.advance(0)
    expect(answers).toEqual([true, false])
    expect(clock.pending).toBe(0)
    expect(await pause(scope.ctx, 10)).toBe(false)
  })
})
