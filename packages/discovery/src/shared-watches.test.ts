// Watches that several instancers share.
import { describe, expect, it } from 'vitest'
import { type InstanceSink, type InstanceState, instancerOf } from './instancer.ts'
import { sharedWatches } from './shared-watches.ts'

/** A registry whose watches the test drives. */
function registry() {
  const watches = sharedWatches()
  const begun: InstanceSink[] = []
  let stopped = 0
  const instancer = (service = 'orders') =>
    instancerOf({
      service,
      start: watches.of(service, (sink) => {
        begun.push(sink)
        return () => void stopped++
      }),
    })
  return { watches, instancer, begun, stopped: () => stopped }
}

function listen(instancer: ReturnType<typeof instancerOf>) {
  const heard: InstanceState[] = []
  const subscription = instancer.subscribe((state) => heard.push(state))
  return { last: () => heard.at(-1), heard, leave: () => subscription[Symbol.dispose]() }
}
const ids = (state: InstanceState | undefined) => state?.instances?.map(({ id }) => id)

describe('given a service that several instancers watch', () => {
  it('when they subscribe, then one watch runs, each hears, and who comes late is told at once', () => {
    const { instancer, begun } = registry()
    const one = listen(instancer())
    const two = listen(instancer())
    function* set() {
      yield '10.0.0.1:80'
    }
    begun[0]?.set(set())
    begun[0]?.fail(new Error('down'))
    const late = listen(instancer())
    expect(begun).toHaveLength(1)
    for (const each of [one, two, late]) {
      expect(ids(each.last())).toEqual(['10.0.0.1:80'])
      expect(each.last()?.error).toEqual(new Error('down'))
    }
    begun[0]?.set([])
    expect(late.last()).toEqual({ instances: [], error: undefined })
    expect(listen(instancer('others')).heard).toHaveLength(1)
    expect(begun).toHaveLength(2)
  })

  it('when nothing but failures were known, then who comes late hears the last of them', () => {
    const { instancer, begun } = registry()
    listen(instancer())
    begun[0]?.fail(new Error('one'))
    begun[0]?.fail(new Error('two'))
    expect(listen(instancer()).last()).toEqual({ instances: undefined, error: new Error('two') })
  })

  it('when the registry has failed a hundred thousand times, then who comes late hears the last set and the last of them', () => {
    const { instancer, begun } = registry()
    listen(instancer())
    begun[0]?.set(['10.0.0.1:80'])
    for (let n = 0; n < 100_000; n++) begun[0]?.fail(`down ${n}`)
    const late = listen(instancer())
    expect(ids(late.last())).toEqual(['10.0.0.1:80'])
    expect(late.last()?.error).toBe('down 99999')
    expect(late.heard).toHaveLength(1)
  })

  it('when the last one leaves, then the watch is stopped once, and the next one begins anew, knowing nothing', () => {
    const { instancer, begun, stopped } = registry()
    const one = listen(instancer())
    const two = listen(instancer())
    begun[0]?.set(['10.0.0.1:80'])
    one.leave()
    one.leave()
    expect(stopped()).toBe(0)
    two.leave()
    expect(stopped()).toBe(1)
    expect(listen(instancer()).last()).toEqual({ instances: undefined, error: undefined })
    expect(begun).toHaveLength(2)
  })

  it('when a watch cannot be begun, then that is a failure of who asked, and the next one tries again', () => {
    const watches = sharedWatches()
    let tries = 0
    const instancer = () =>
      instancerOf({
        service: 'orders',
        start: watches.of('orders', () => {
          throw new Error(`no ${++tries}`)
        }),
      })
    expect(listen(instancer()).last()?.error).toEqual(new Error('no 1'))
    expect(listen(instancer()).last()?.error).toEqual(new Error('no 2'))
  })

  it('when one leaves while it is told, then the others are told all the same', () => {
    const { instancer, begun } = registry()
    const shy = instancer()
    const subscription = shy.subscribe(({ instances }) => instances && subscription[Symbol.dispose]())
    const other = listen(instancer())
    begun[0]?.set(['10.0.0.1:80'])
    expect(ids(other.last())).toEqual(['10.0.0.1:80'])
  })
})

describe('given watches that are disposed', () => {
  it('when they are, then each is stopped once and awaited, and whoever knows something hears that it is old', async () => {
    const watches = sharedWatches()
    let stopped = 0
    const begun: InstanceSink[] = []
    const start = watches.of('orders', (sink) => {
      begun.push(sink)
      return () => Promise.resolve().then(() => void stopped++)
    })
    const one = listen(instancerOf({ service: 'orders', start }))
    begun[0]?.set(['10.0.0.1:80'])
    await watches[Symbol.asyncDispose]()
    await watches[Symbol.asyncDispose]()
    expect(stopped).toBe(1)
    expect(one.last()).toMatchObject({
      instances: [{ id: '10.0.0.1:80' }],
      error: { message: 'the registry is closed' },
    })
    one.leave()
    expect(stopped).toBe(1)
    expect(listen(instancerOf({ service: 'orders', start })).last()?.error).toEqual(new Error('the registry is closed'))
  })
})
