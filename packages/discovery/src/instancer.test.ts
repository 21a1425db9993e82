// Instancers: who is told what, when, and that nobody can disturb the others.
import { listenerFailures, subscribe, type Telemetry } from '@tenon/endpoint'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixed } from './fixed.ts'
import type { Instance } from './instance.ts'
import { type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'

/** An instancer whose registry is the test. */
function driven(first?: (sink: InstanceSink) => void) {
  const runs: InstanceSink[] = []
  const events: Telemetry[] = []
  let stops = 0
  const instancer = instancerOf({
    service: 'orders',
    start(sink) {
      runs.push(sink)
      first?.(sink)
      return () => void stops++
    },
    onTelemetry: (event) => events.push(event),
  })
  return { instancer, runs, events, sink: () => runs.at(-1) as InstanceSink, stops: () => stops }
}
const ids = (state: InstanceState | undefined) => state?.instances?.map((one) => one.id)

/** Defects that something reported on the channel, for the tests that make some. */
let defects: unknown[] = []
let listening: Disposable
beforeEach(() => {
  defects = []
  listening = subscribe((event) => void (event.kind === 'defect' && defects.push(event.cause)), ['defect'])
})
afterEach(() => listening[Symbol.dispose]())

describe('an instancer', () => {
  it('S2 SD-14: given nothing is known, when one subscribes, then that is told at once: unknown is not empty', () => {
    const { instancer } = driven()
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    expect(heard).toEqual([{ instances: undefined, error: undefined }])
  })

  it('S2 SD-14: given a set in any order, when one subscribes later, then it is told at once, sorted', () => {
    const { instancer, sink } = driven()
    instancer.subscribe(() => {})
    sink().set(['c:1', 'a:1', 'b:1'])
    let heard: InstanceState | undefined
    instancer.subscribe((state) => (heard = state))
    expect(ids(heard)).toEqual(['a:1', 'b:1', 'c:1'])
  })

  it('S3 SD-15 SD-18: given a set, when another comes, then it is told; when the same comes in another order, it is not', () => {
    const { instancer, sink } = driven()
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    sink().set(['a:1', 'b:1'])
    sink().set(['b:1', 'a:1'])
    sink().set(['a:1'])
    sink().set([])
    expect(heard.map(ids)).toEqual([undefined, ['a:1', 'b:1'], ['a:1'], []])
  })

  it('SD-16: given two subscribers, when sets come, then both hear each; the one that stopped hears no more', () => {
    const { instancer, sink } = driven()
    const first: InstanceState[] = []
    const second: InstanceState[] = []
    const one = instancer.subscribe((state) => first.push(state))
    instancer.subscribe((state) => second.push(state))
    sink().set(['a:1'])
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    sink().set(['b:1'])
    expect(first.map(ids)).toEqual([undefined, ['a:1']])
    expect(second.map(ids)).toEqual([undefined, ['a:1'], ['b:1']])
  })

  it('S4 SD-17: given two subscribers, when one empties its list, then the other and the next are not affected', () => {
    const { instancer, sink } = driven()
    let heard: InstanceState | undefined
    instancer.subscribe((state) => void (state.instances as Instance[] | undefined)?.splice(0))
    instancer.subscribe((state) => (heard = state))
    sink().set(['a:1', 'b:1'])
    expect(ids(heard)).toEqual(['a:1', 'b:1'])
    instancer.subscribe((state) => (heard = state))
    expect(ids(heard)).toEqual(['a:1', 'b:1'])
  })

  it('S5: given a subscriber that throws and one that rejects, when sets come, then the others hear them all', async () => {
    const { instancer, sink } = driven()
    const before = listenerFailures()
    const heard: InstanceState[] = []
    instancer.subscribe(() => {
      throw new Error('mine')
    })
    instancer.subscribe(async () => {
      throw new Error('mine too')
    })
    instancer.subscribe((state) => heard.push(state))
    sink().set(['a:1'])
    expect(heard.map(ids)).toEqual([undefined, ['a:1']])
    await Promise.resolve()
    expect(defects.map(String).sort()).toEqual(['Error: mine', 'Error: mine', 'Error: mine too', 'Error: mine too'])
    expect(listenerFailures()).toBe(before)
  })

  it('given a subscriber that changes the set while it is told, then all hear the states in order and end with the last', () => {
    const { instancer, sink } = driven()
    const before: (readonly string[] | undefined)[] = []
    const after: (readonly string[] | undefined)[] = []
    instancer.subscribe((state) => before.push(ids(state)))
    instancer.subscribe((state) => void (ids(state)?.[0] === 'a:1' && sink().set(['b:1'])))
    instancer.subscribe((state) => after.push(ids(state)))
    sink().set(['a:1'])
    expect(before).toEqual([undefined, ['a:1'], ['b:1']])
    expect(after).toEqual([undefined, ['b:1']])
  })

  it('S1: given a set, when the registry fails, then the error comes with the last good set, also for whoever comes later', () => {
    const { instancer, sink } = driven()
    const down = new Error('down')
    let first: InstanceState | undefined
    let later: InstanceState | undefined
    instancer.subscribe((state) => (first = state))
    sink().set(['a:1'])
    sink().fail(down)
    instancer.subscribe((state) => (later = state))
    expect([ids(first), first?.error]).toEqual([['a:1'], down])
    expect([ids(later), later?.error]).toEqual([['a:1'], down])
  })

  it('SD-19: given an error, when an equal one comes, then it is not told again; another one is', () => {
    const { instancer, sink } = driven()
    const heard: unknown[] = []
    instancer.subscribe((state) => heard.push(state.error))
    sink().fail(new Error('down'))
    sink().fail(new Error('down'))
    sink().fail(new Error('worse'))
    sink().fail(undefined)
    expect(heard.map(String)).toEqual([
      'undefined',
      'Error: down',
      'Error: worse',
      'Error: the registry failed and did not say why',
    ])
  })

  it('SD-20: given an error, when the same set comes again, then it is told', () => {
    const { instancer, sink } = driven()
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    sink().set(['a:1'])
    sink().fail(new Error('down'))
    sink().set(['a:1'])
    expect(heard.map((state) => [ids(state), state.error !== undefined])).toEqual([
      [undefined, false],
      [['a:1'], false],
      [['a:1'], true],
      [['a:1'], false],
    ])
  })

  it('SD-32 D-5: given a list of the caller, when it is published, then it keeps its order', () => {
    const { instancer, sink } = driven()
    const mine = ['b:1', 'a:1']
    instancer.subscribe(() => {})
    sink().set(mine)
    expect(mine).toEqual(['b:1', 'a:1'])
  })

  it('given a malformed entry, when the set comes, then the others serve and the entry is reported', () => {
    const { instancer, sink, events } = driven()
    let heard: InstanceState | undefined
    instancer.subscribe((state) => (heard = state))
    sink().set(['a:1', 'b:0'])
    expect(ids(heard)).toEqual(['a:1'])
    expect(heard?.error).toBeUndefined()
    expect(events[0]).toMatchObject({ kind: 'discovery.error', service: 'orders', error: expect.any(TypeError) })
  })

  it('given sets and an error, when they come, then each change is reported once with its difference', () => {
    const { instancer, sink, events } = driven()
    instancer.subscribe(() => {})
    sink().set(['a:1', 'b:1'])
    sink().set(['a:1', 'b:1'])
    sink().fail('down')
    sink().set(['a:1', 'b:1'])
    sink().set(['b:1', 'c:1'])
    expect(events).toEqual([
      { kind: 'discovery.set', service: 'orders', size: 2, added: ['a:1', 'b:1'], removed: [] },
      { kind: 'discovery.error', service: 'orders', error: 'down' },
      { kind: 'discovery.set', service: 'orders', size: 2, added: ['c:1'], removed: ['a:1'] },
    ])
  })
})

describe('the watch of an instancer', () => {
  it('given nobody subscribes, then it does not run; two subscribers share one; it stops when the last has left', () => {
    const { instancer, runs, stops } = driven()
    expect(runs).toHaveLength(0)
    const one = instancer.subscribe(() => {})
    const two = instancer.subscribe(() => {})
    expect(runs).toHaveLength(1)
    one[Symbol.dispose]()
    expect(stops()).toBe(0)
    two[Symbol.dispose]()
    expect(stops()).toBe(1)
  })

  it('given it stopped and starts again, then what it knew is forgotten and the old run is not heard', () => {
    const { instancer, runs } = driven()
    const heard: InstanceState[] = []
    instancer.subscribe(() => {})[Symbol.dispose]()
    instancer.subscribe((state) => heard.push(state))
    runs[0]?.set(['old:1'])
    runs[0]?.fail('old')
    runs[1]?.set(['new:1'])
    expect(heard.map(ids)).toEqual([undefined, ['new:1']])
  })

  it('given a first set is known at once, when one subscribes, then it hears just that', () => {
    const { instancer } = driven((sink) => sink.set(['a:1']))
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    expect(heard.map(ids)).toEqual([['a:1']])
  })

  it('given it throws when it starts, then that is an error of the registry', () => {
    const { instancer } = driven(() => {
      throw new Error('no agent')
    })
    let heard: InstanceState | undefined
    instancer.subscribe((state) => (heard = state))
    expect(String(heard?.error)).toBe('Error: no agent')
  })

  it('SD-13: given it is disposed, twice, when sets come, then nobody hears them, and its end was waited for', async () => {
    let ended = 0
    let sink: InstanceSink | undefined
    const instancer = instancerOf({
      service: 'orders',
      start(given) {
        sink = given
        return async () => {
          await new Promise((resolve) => setImmediate(resolve))
          ended++
        }
      },
    })
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    await Promise.all([instancer[Symbol.asyncDispose](), instancer[Symbol.asyncDispose]()])
    expect(ended).toBe(1)
    sink?.set(['a:1'])
    instancer.subscribe((state) => heard.push(state))
    expect(heard).toEqual([
      { instances: undefined, error: undefined },
      { instances: undefined, error: undefined },
    ])
  })

  it('given its end fails, when it is disposed, then that is reported and not thrown', async () => {
    const events: Telemetry[] = []
    const instancer = instancerOf({
      service: 'orders',
      start: () => () => {
        throw new Error('stuck')
      },
      onTelemetry: (event) => events.push(event),
    })
    instancer.subscribe(() => {})
    await instancer[Symbol.asyncDispose]()
    expect(events.map((event) => event.kind === 'discovery.error' && String(event.error))).toEqual(['Error: stuck'])
  })

  it('given no name or no watch, when one is made, then a TypeError says so', () => {
    expect(() => instancerOf({ service: '', start: () => {} })).toThrow('an instancer needs the name of its service')
    expect(() => instancerOf({ service: 'a', start: 3 as never })).toThrow('instancer of a: "start" must be a function')
    expect(() => driven().instancer.subscribe(undefined as never)).toThrow('a listener is a function')
  })
})

describe('fixed', () => {
  it('S6 SD-34: given a list, when one subscribes, then it hears it once, sorted and without doubles', async () => {
    const instances = fixed(['b:1', 'http://a:1', 'b:1'], { service: 'orders' })
    const heard: InstanceState[] = []
    const subscription = instances.subscribe((state) => heard.push(state))
    expect(heard.map(ids)).toEqual([['a:1', 'b:1']])
    subscription[Symbol.dispose]()
    await instances[Symbol.asyncDispose]()
    await instances[Symbol.asyncDispose]()
    expect(instances.service).toBe('orders')
  })

  it('given something that is no instance, when it is made, then that is a TypeError and not an empty set', () => {
    expect(() => fixed(['nonsense'])).toThrow(TypeError)
  })
})

describe('a set that is known while the registry fails', () => {
  it('given an error, when another set is told beside it, then both are told, and the error is reported once', () => {
    const { instancer, sink, events } = driven()
    const heard: InstanceState[] = []
    instancer.subscribe((state) => heard.push(state))
    const down = () => new Error('down')
    sink().fail(down())
    sink().set(['a:1'], down())
    sink().set(['a:1', 'b:1'], down())
    sink().set(['a:1', 'b:1'], down())
    sink().set(['a:1', 'b:1'])
    expect(heard.map((state) => [ids(state), (state.error as Error | undefined)?.message])).toEqual([
      [undefined, undefined],
      [undefined, 'down'],
      [['a:1'], 'down'],
      [['a:1', 'b:1'], 'down'],
      [['a:1', 'b:1'], undefined],
    ])
    expect(events.filter(({ kind }) => kind === 'discovery.error')).toHaveLength(1)
    sink().set([], down())
    expect(heard.at(-1)).toEqual({ instances: [], error: down() })
    expect(events.filter(({ kind }) => kind === 'discovery.error')).toHaveLength(2)
  })
})
