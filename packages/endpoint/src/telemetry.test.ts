import { channel } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import {
  background,
  endpoint,
  listenerFailures,
  listening,
  type MethodInfo,
  report,
  run,
  subscribe,
  type Telemetry,
} from './index.ts'

const event: Telemetry = { kind: 'limiter.rejected', limiter: 'l', key: '', why: 'rate' }
const method: MethodInfo = { contract: 'shop.v1.Shop', name: 'buy', kind: 'unary', idempotent: false }

describe('telemetry', () => {
  it('given a listener of its own, then an event goes there and not to the channel', () => {
    const own: Telemetry[] = []
    const public_: Telemetry[] = []
    using _ = subscribe((e) => public_.push(e))
    report((e) => own.push(e), event)
    expect([own, public_]).toEqual([[event], []])
  })

  it('given none, then it goes to the diagnostics channel of its kind, and only while somebody listens', () => {
    const heard: unknown[] = []
    expect(listening(undefined, 'limiter.rejected')).toBe(false)
    {
      using _ = subscribe((e) => heard.push(e), ['limiter.rejected'])
      expect([listening(undefined, 'limiter.rejected'), listening(undefined, 'timeout.late')]).toEqual([true, false])
      expect(channel('tenon:limiter.rejected').hasSubscribers).toBe(true)
      report(undefined, event)
    }
    report(undefined, event)
    expect(heard).toEqual([event])
    expect(listening(() => {}, 'defect')).toBe(true)
  })

  it('given a listener that throws, then nobody else notices and it is counted', () => {
    const before = listenerFailures()
    const bad = (): never => {
      throw new Error('listener')
    }
    const heard: Telemetry[] = []
    using _ = subscribe(bad)
    using __ = subscribe((e) => heard.push(e))
    report(undefined, event)
    report(bad, event)
    expect([listenerFailures() - before, heard.length]).toEqual([2, 1])
  })

  it('given a handler that throws, then its cause is reported once, with its method, however many layers are around it', async () => {
    const heard: Telemetry[] = []
    using _ = subscribe((e) => heard.push(e), ['defect'])
    const cause = new Error('bug')
    const broken = endpoint((): never => {
      throw cause
    }, method)
    const outcome = await run(broken, undefined, background())
    expect(outcome).toMatchObject({ left: { _tag: 'Defect', cause } })
    expect(heard).toEqual([{ kind: 'defect', method, cause }])
  })
})
