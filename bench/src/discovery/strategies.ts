// The ways to discover that are compared. Each client that is opened has connections of its own.
import { polling } from '@tenon/discovery'
import type { Random } from '@tenon/endpoint'
import { caching } from './caching.ts'
import { type Ear, ear, listen } from './ear.ts'
import type { Registry } from './registry.ts'
import { resyncing } from './resyncing.ts'

/** Somebody who discovers. Disposing ends it and its connections. */
export interface Discoverer extends AsyncDisposable {
  readonly ear: Ear
}

export interface Opening {
  readonly registry: Registry
  readonly url: string
  readonly service: string
  readonly random: Random
}

export interface Discovering {
  readonly name: string
  readonly subject: string
  open(opening: Opening): Discoverer
}

const closing = (own: Ear, ...all: readonly AsyncDisposable[]): Discoverer => ({
  ear: own,
  async [Symbol.asyncDispose]() {
    own[Symbol.dispose]()
    for (const each of all) await each[Symbol.asyncDispose]()
  },
})

/** Milliseconds, as text: 5 s. */
const seconds = (ms: number): string => `${ms / 1_000} s`

export const watch: Discovering = {
  name: 'watch',
  subject: 'watch',
  open({ registry, url, service }) {
    const client = registry.client(url)
    return closing(listen(client.instancer(service)), client)
  },
}

/** Many who listen in one process: they share what the client asks. */
export function subscribers(count: number, { registry, url, service }: Opening): readonly Discoverer[] {
  const client = registry.client(url)
  return Array.from({ length: count }, () => closing(listen(client.instancer(service)), client))
}

export const rawWatch: Discovering = {
  name: 'raw',
  subject: 'watch by hand',
  open({ registry, url, service }) {
    const raw = registry.raw(url)
    return closing(
      ear((tell) => raw.watch(service, tell)),
      raw,
    )
  },
}

export const poll = (every: number, jitter = 0): Discovering => ({
  name: `poll-${every}${jitter === 0 ? '' : '-jitter'}`,
  subject: `poll every ${seconds(every)}${jitter === 0 ? '' : ` ± ${jitter * 100} %`}`,
  open({ registry, url, service, random }) {
    const raw = registry.raw(url)
    const ask = () => raw.list(service)
    return closing(listen(polling({ service, ask, every, jitter, random, onTelemetry: () => {} })), raw)
  },
})

/** Milliseconds between two calls of whoever has a cache. */
const calls = 50

export const cached = (ttl: number): Discovering => ({
  name: `cached-${ttl}`,
  subject: `cached for ${seconds(ttl)}, a call each ${calls} ms`,
  open({ registry, url, service, random }) {
    const raw = registry.raw(url)
    const cache = caching(() => raw.list(service), ttl)
    let timer: NodeJS.Timeout | undefined
    const heard = ear((tell) => {
      const look = async (): Promise<void> => {
        const { ids, error } = await cache.get()
        if (timer === undefined) return
        if (String(ids) !== String(heard.known.ids) || error !== heard.known.error) tell(ids, error)
        timer = setTimeout(look, calls * (0.5 + random()))
      }
      timer = setTimeout(look)
      return () => {
        clearTimeout(timer)
        timer = undefined
      }
    })
    return closing(heard, raw)
  },
})

export const resync = (every: number, jitter = 0.2): Discovering => ({
  name: `resync-${every}`,
  subject: `watch, and all asked for every ${seconds(every)} ± ${jitter * 100} %`,
  open({ registry, url, service, random }) {
    const client = registry.client(url)
    const raw = registry.raw(url)
    const ask = () => raw.list(service)
    return closing(listen(resyncing(client.instancer(service), { service, ask, every, jitter, random })), client, raw)
  },
})
