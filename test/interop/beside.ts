// What the tests beside Go kit have in common: a peer that runs, and what any client of ours sees of its server.
import { call, ok } from '@tenon/endpoint'
import type { Client } from '@tenon/transport-http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isThere, missing, type Peer, startPeer } from './peer.ts'
import { changed, type Strings, values } from './strings.ts'

/** Tests with a peer, which `peer` answers once they run; skipped where there is none, failed there in CI. */
export function beside(title: string, tests: (peer: () => Peer) => void): void {
  describe.runIf(isThere || process.env.CI !== undefined)(title, () => {
    let peer: Peer
    beforeAll(async () => {
      if (!isThere) throw new Error(missing)
      peer = await startPeer()
    })
    afterAll(() => peer?.[Symbol.asyncDispose]())
    tests(() => peer)
  })
}

type Calls = () => Omit<Client<typeof Strings>, symbol>

/** Values of every kind and metadata, from us to Go and back. */
export function valuesCross(client: Calls): void {
  it('given values of every kind, then they arrive, and so do those that come back', async () => {
    const { change } = client()
    expect(await call(change, values)).toEqual(ok(changed(values)))
    expect(await call(change, { ...values, note: '' })).toEqual(ok({ ...changed(values), note: '!' }))
  })

  it('given metadata, then Go has it', async () => {
    const metadata = { 'x-request-id': 'r-1' }
    const answer = await call(client().uppercase, { s: 'grün' }, { metadata })
    expect(answer).toEqual(ok({ v: 'GRÜN', requestId: 'r-1' }))
  })
}

/** Deadlines and cancellation, from us to a server of Go that has its contexts from this wire. */
export function timesCross(wire: 'http' | 'grpc', peer: () => Peer, client: Calls): void {
  it('given a deadline, then Go has what is left of it, and its context ends when it has passed', async () => {
    const { slow } = client()
    const soon = await call(slow, { sleepMs: 0 as never }, { timeout: 5_000 })
    expect(soon).toMatchObject({ right: { hasDeadline: true } })
    const { remainingMs } = await peer().heard('slow began', wire)
    expect(remainingMs).toBeGreaterThan(4_000)
    expect(remainingMs).toBeLessThanOrEqual(5_000)
    const late = await call(slow, { sleepMs: 60_000 as never }, { timeout: 100 })
    expect(late).toMatchObject({ left: { _tag: 'DeadlineExceeded' } })
    expect((await peer().heard('slow began', wire)).hasDeadline).toBe(true)
    await peer().heard('slow aborted', wire)
  })

  it('given a caller that gives up, then the context of Go is cancelled', async () => {
    const giveUp = new AbortController()
    const called = call(client().slow, { sleepMs: 60_000 as never }, { signal: giveUp.signal, timeout: 30_000 })
    await peer().heard('slow began', wire)
    giveUp.abort()
    expect(await called).toMatchObject({ left: { _tag: 'Cancelled' } })
    expect((await peer().heard('slow aborted', wire)).why).toBe('context canceled')
  })
}
