// A registrar in an app: what the drain does in which order, and what a registry that is down does to it.
import { run } from '@tenon/app'
import type { Telemetry } from '@tenon/endpoint'
import { virtualClock } from '@tenon/endpoint/testing'
import { describe, expect, it } from 'vitest'
import { memoryRegistry } from './memory-registry.ts'
import type { RegistrarOptions } from './registrar.ts'
import { registrarOf } from './registrar-of.ts'
import type { RegistryCall } from './registry-call.ts'

/** An app with a server and this registration; every step with its moment. */
function app(registrar: (log: (line: string) => void, clock: ReturnType<typeof virtualClock>) => AsyncDisposable) {
  const clock = virtualClock()
  const lines: string[] = []
  const log = (line: string): void => void lines.push(`${clock.now()} ${line}`)
  const stop = new AbortController()
  const server = { name: 'server', drain: () => log('the server drains') }
  const onTelemetry = (event: Telemetry): void => {
    if (event.kind === 'drain.step' && event.service === undefined) log(event.step)
  }
  const ended = run({
    name: 'shop',
    services: [server, registrar(log, clock)],
    signals: [],
    signal: stop.signal,
    clock,
    onTelemetry,
  })
  return { clock, lines, stop, ended }
}

const hang = ({ signal }: RegistryCall): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('a registrar in an app', () => {
  it('given a stop, then readiness goes off, it deregisters, others hear of it, and then the server drains', async () => {
    const { clock, lines, stop, ended } = app((log, clock) => {
      const registry = memoryRegistry({ clock })
      registry.instancer('orders').subscribe(({ instances }) => log(`known: ${instances?.map(({ id }) => id)}`))
      return registry.registrar({ service: 'orders', id: 'o-1', address: 'h:1' })
    })
    await clock.advance(1_000)
    stop.abort()
    await clock.advance(10_000)
    expect((await ended).failures).toEqual([])
    expect(lines).toEqual([
      '0 known: ',
      '0 known: o-1',
      '0 started',
      '1000 readinessOff',
      '1000 known: ',
      '3000 propagated',
      '3000 the server drains',
      '3000 done',
    ])
  })

  const failing = (calls: Partial<RegistrarOptions>) =>
    app((_, clock) =>
      registrarOf({
        service: 'orders',
        id: 'o-1',
        register: async () => {},
        deregister: async () => {},
        clock,
        onTelemetry: () => {},
        ...calls,
      }),
    )

  it('given a registry that hangs from the start, then the app starts all the same, and drains in time', async () => {
    const { clock, lines, stop, ended } = failing({ register: hang, deregister: hang })
    await clock.advance(60_000)
    expect(lines).toEqual(['5000 started'])
    stop.abort()
    await clock.advance(30_000)
    expect((await ended).failures).toEqual([])
    expect(lines.at(-1)).toMatch(/^\d+ done$/)
    expect(Number.parseInt(lines.at(-1) ?? '', 10)).toBeLessThanOrEqual(60_000 + 5_000 + 2_000)
    expect(clock.pending).toBe(0)
  })

  it('given a registration that is needed and a registry that is down, then the app does not start, and says why', async () => {
    const register = async (): Promise<never> => {
      throw new Error('connection refused')
    }
    const { clock, ended } = failing({ register, required: true })
    const error = ended.catch((thrown: Error) => thrown.message)
    await clock.advance(30_000)
    expect(await error).toBe(
      'app "shop": service "registration of orders o-1" did not start: NotRegistered: instance "o-1" of orders could not be registered: 5 tries failed',
    )
  })

  it('given a registry that is gone when the app stops, then the drain ends in time and names what lingers', async () => {
    const { clock, stop, ended, lines } = failing({ deregister: hang })
    await clock.advance(1_000)
    stop.abort()
    await clock.advance(30_000)
    expect((await ended).failures).toMatchObject([
      { service: 'registration of orders o-1', error: { failure: { _tag: 'NotRegistered', reason: 'lingering' } } },
    ])
    expect(lines.slice(-3)).toEqual(['8000 propagated', '8000 the server drains', '8000 done'])
    expect(clock.pending).toBe(0)
  })
})
