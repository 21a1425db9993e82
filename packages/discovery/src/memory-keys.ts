// Keys in this process, that keep to the same rules as those of a registry: changes are counted.
import type { KvPort, KvSink, KvStored } from './kv-port.ts'

/** All keys of one registry. */
export interface MemoryKeys {
  /** The calls for one key. */
  port(key: string): KvPort
}

export function memoryKeys(): MemoryKeys {
  const entries = new Map<string, KvStored>()
  const watchers = new Map<string, Set<KvSink>>()
  let changes = 0

  return {
    port(key) {
      const asItWas = (index: number | undefined): boolean =>
        index === undefined || index === (entries.get(key)?.index ?? 0)
      const change = (stored: KvStored | undefined): void => {
        if (stored === undefined) entries.delete(key)
        else entries.set(key, stored)
        for (const sink of [...(watchers.get(key) ?? [])]) sink.set(stored)
      }
      return {
        get: async () => entries.get(key),
        async set(text, index) {
          if (!asItWas(index)) return false
          change({ text, index: ++changes })
          return true
        },
        async delete(index) {
          if (!asItWas(index)) return false
          if (entries.has(key)) change(undefined)
          return true
        },
        watch(sink) {
          const sinks = watchers.get(key) ?? new Set()
          watchers.set(key, sinks.add(sink))
          sink.set(entries.get(key))
          return () => {
            sinks.delete(sink)
            if (sinks.size === 0) watchers.delete(key)
          }
        },
      }
    },
  }
}
