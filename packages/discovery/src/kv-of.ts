// A key of a registry's calls: what every backend's keys are made with.
import {
  type Fail,
  type Failure,
  fail,
  isFailure,
  knownOptions,
  type Ok,
  type OptionNames,
  ok,
  type TelemetryListener,
} from '@tenon/endpoint'
import { choiceOption, functionOption, numberOption } from '@tenon/policy'
import type { KvCall, KvCodec, KvConflict, KvEntry, KvInvalid, KvKey, KvOptions } from './kv.ts'
import type { KvPort } from './kv-port.ts'
import { textsOf } from './kv-value.ts'
import { kvWatch } from './kv-watch.ts'

/** What a key is made of. */
export interface KvKeyOptions<A> extends KvOptions {
  readonly key: string
  /** Reads and writes JSON. Default: what stands there is a text. */
  readonly codec?: KvCodec<A> | undefined
  readonly port: KvPort
  /** Hears `discovery.error`, when a watch fails or finds what is not valid. Default: the diagnostics channel. */
  readonly onTelemetry?: TelemetryListener | undefined
}

const named: OptionNames<KvKeyOptions<unknown>> = {
  key: true,
  codec: true,
  unknownKeys: true,
  port: true,
  onTelemetry: true,
}
const callNames: OptionNames<KvCall> = { signal: true, timeout: true }

/** How often `update` begins anew. */
const tries = 10

/**
 * A key of a port. `E` is what the port rejects with.
 *
 * @throws TypeError or RangeError on a bad option.
 */
export function kvKeyOf<A, E extends Failure>(options: KvKeyOptions<A>): KvKey<A, E> {
  const { key, codec, unknownKeys = 'refuse', port, onTelemetry } = options
  if (typeof key !== 'string' || key === '') throw new TypeError('kv: "key" is a text that is not empty')
  const where = `kv ${key}`
  knownOptions(where, options, named)
  choiceOption(where, 'unknownKeys', unknownKeys, ['refuse', 'strip'])
  const texts = textsOf(key, codec, unknownKeys)
  const watch = kvWatch<A, E>(key, port, texts, onTelemetry)

  /** What a call comes to, as a result. */
  async function called<T, F extends Failure>(
    call: KvCall,
    work: () => Promise<Ok<T> | Fail<F>>,
  ): Promise<Ok<T> | Fail<F | E>> {
    knownOptions(where, call, callNames)
    if (call.timeout !== undefined) numberOption(where, 'timeout', call.timeout, { min: 1, unit: 'milliseconds' })
    try {
      return await work()
    } catch (error) {
      if (isFailure(error)) return fail(error as E)
      throw error
    }
  }

  const get: KvKey<A, E>['get'] = (call = {}) =>
    called<KvEntry<A> | undefined, KvInvalid>(call, async () => {
      const stored = await port.get(call)
      return stored === undefined ? ok(undefined) : texts.decode(stored)
    })

  const write = (
    value: A,
    index: number | undefined,
    call: KvCall,
  ): Promise<Ok<void> | Fail<E | KvInvalid | KvConflict>> =>
    called<void, KvInvalid | KvConflict>(call, async () => {
      const text = texts.encode(value)
      if (text._tag === 'Left') return text
      return (await port.set(text.right, index, call)) ? ok() : fail(conflict(key))
    })

  return {
    key,
    get,
    // Without a condition there is no conflict.
    put: (value, call = {}) => write(value, undefined, call) as Promise<Ok<void> | Fail<E | KvInvalid>>,
    cas(value, index, call = {}) {
      numberOption(where, 'index', index, { min: 0, whole: true })
      return write(value, index, call)
    },
    async update(change, call = {}) {
      functionOption(where, 'change', change)
      for (let n = 1; ; n++) {
        const before = await get(call)
        if (before._tag === 'Left') return before
        const value = await change(before.right?.value)
        const done = await write(value, before.right?.index ?? 0, call)
        if (done._tag === 'Right') return ok(value)
        if (done.left._tag !== 'KvConflict' || n === tries) return done
      }
    },
    delete({ index, ...call } = {}) {
      if (index !== undefined) numberOption(where, 'index', index, { min: 1, whole: true })
      return called<void, KvConflict>(call, async () => ((await port.delete(index, call)) ? ok() : fail(conflict(key))))
    },
    watch: (listener) => watch(functionOption(where, 'listener', listener)),
  }
}

const conflict = (key: string): KvConflict => ({
  _tag: 'KvConflict',
  code: 'aborted',
  message: `${key} was changed by somebody else meanwhile: read it again`,
  key,
})
