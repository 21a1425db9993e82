// A key of Consul's KV as a typed value: read, written, changed only as it was read, watched. For configuration.
import { type Fail, type Failure, fail, knownOptions, type Ok, type OptionNames, ok } from '@tenon/endpoint'
import { functionOption, numberOption } from '@tenon/policy'
import type { Calls } from './calls.ts'
import { ConsulError } from './failure.ts'
import { keyOption } from './key.ts'
import { type Codec, type KvEntry, type KvInvalid, textsOf } from './kv-value.ts'
import { type KvState, keyWatch, type Watches } from './kv-watch.ts'
import type { Settings } from './options.ts'
import { modeOf, type Reads, readsOption } from './reads.ts'

/** It was changed by somebody else meanwhile. */
export interface KvConflict extends Failure<'KvConflict', 'aborted'> {
  readonly key: string
}

/** How a key is read and written. */
export interface KvOptions {
  /** Keys of objects that the codec does not know: `refuse` makes the value invalid, `strip` drops them. Default `'refuse'`. */
  readonly unknownKeys?: 'refuse' | 'strip'
  /** Default: the registry's. */
  readonly reads?: Reads
}

/** One call. */
export interface KvCall {
  readonly signal?: AbortSignal
  /** Milliseconds. Default: the registry's `timeout`. */
  readonly timeout?: number
}

/** A key. Holds nothing while nobody watches. Calls never reject. */
export interface ConsulKey<A> {
  readonly key: string
  /** What stands there; `undefined` when nothing does. */
  get(call?: KvCall): Promise<Ok<KvEntry<A> | undefined> | Fail<ConsulError | KvInvalid>>
  /** Writes it, whatever stands there. What could not be read again is `KvInvalid`, and not written. */
  put(value: A, call?: KvCall): Promise<Ok<void> | Fail<ConsulError | KvInvalid>>
  /** Writes it if that is as it was when its index was this; 0: if there is none. */
  cas(value: A, index: number, call?: KvCall): Promise<Ok<void> | Fail<ConsulError | KvInvalid | KvConflict>>
  /**
   * Changes what stands there, and nothing that somebody else wrote meanwhile: reads, asks `change`, writes, and does all
   * of it again when it was too late, 10 times at most. Answers what it wrote. Rejects with what `change` throws.
   */
  update(
    change: (value: A | undefined) => A | Promise<A>,
    call?: KvCall,
  ): Promise<Ok<A> | Fail<ConsulError | KvInvalid | KvConflict>>
  /** Takes it out; with an `index` only if it is as it was then. Harmless when there is none. */
  delete(call?: KvCall & { readonly index?: number }): Promise<Ok<void> | Fail<ConsulError | KvConflict>>
  /**
   * Tells `listener` what is known at once, and then every change, as soon as Consul knows it. A value that is not valid
   * takes no effect: the last good one stays, with an error beside it. What a listener throws is reported. Dispose to stop.
   */
  watch(listener: (state: KvState<A>) => void): Disposable
}

const named: OptionNames<KvOptions> = { unknownKeys: true, reads: true }
const callNames: OptionNames<KvCall> = { signal: true, timeout: true }

/** How often `update` begins anew. */
const tries = 10

/** @throws TypeError for a bad key or option. */
export function kv<A>(
  settings: Settings,
  calls: Calls,
  watches: Watches,
  key: string,
  codec: Codec<A> | undefined,
  options: KvOptions = {},
): ConsulKey<A> {
  const where = `kv ${keyOption('kv', key)}`
  knownOptions(where, options, named)
  const { reads = settings.reads, unknownKeys = 'refuse' } = options
  readsOption(where, reads)
  const texts = textsOf(key, codec, unknownKeys)
  const watch = keyWatch(settings, watches, key, reads, texts)

  /** What a call comes to, as a result. */
  async function called<T, F extends Failure>(
    what: string,
    call: KvCall,
    work: (called: KvCall & { readonly what: string }) => Promise<Ok<T> | Fail<F>>,
  ): Promise<Ok<T> | Fail<F | ConsulError>> {
    knownOptions(`${where}: ${what}`, call, callNames)
    if (call.timeout !== undefined) numberOption(where, 'timeout', call.timeout, { min: 1, unit: 'milliseconds' })
    try {
      return await work({ ...call, what: `${what} of ${key}` })
    } catch (error) {
      if (error instanceof ConsulError) return fail(error)
      throw error
    }
  }

  const get = (call: KvCall): Promise<Ok<KvEntry<A> | undefined> | Fail<ConsulError | KvInvalid>> =>
    called('get', call, async (called) => {
      const [[mode] = []] = modeOf('consul', reads, { of: 'kv', name: key, failures: 0 })
      const found = await calls.plain(called, (client, common) =>
        client.kv.get({ key, ...(mode !== undefined && { [mode]: true }), ...common }),
      )
      // The package answers nothing where its types say null.
      return found == null ? ok(undefined) : texts.decode(found.Value ?? '', found.ModifyIndex)
    })

  const write = async (
    called: KvCall & { readonly what: string },
    value: A,
    condition: { readonly cas?: number },
  ): Promise<Ok<boolean> | Fail<KvInvalid>> => {
    const text = texts.encode(value)
    if (text._tag === 'Left') return text
    return ok(
      await calls.plain(called, (client, common) => client.kv.set({ key, value: text.right, ...condition, ...common })),
    )
  }

  const cas = (what: string, value: A, index: number, call: KvCall) =>
    called<void, KvInvalid | KvConflict>(what, call, async (called) => {
      const done = await write(called, value, { cas: index })
      if (done._tag === 'Left') return done
      return done.right ? ok() : fail(conflict(key))
    })

  return {
    key,
    get: (call = {}) => get(call),
    put: (value, call = {}) =>
      called<void, KvInvalid>('put', call, async (called) => {
        const done = await write(called, value, {})
        return done._tag === 'Left' ? done : ok()
      }),
    cas(value, index, call = {}) {
      numberOption(where, 'index', index, { min: 0, whole: true })
      return cas('cas', value, index, call)
    },
    async update(change, call = {}) {
      functionOption(where, 'change', change)
      for (let n = 1; ; n++) {
        const before = await get(call)
        if (before._tag === 'Left') return before
        const value = await change(before.right?.value)
        const done = await cas('update', value, before.right?.index ?? 0, call)
        if (done._tag === 'Right') return ok(value)
        if (done.left._tag !== 'KvConflict' || n === tries) return fail(done.left)
      }
    },
    delete({ index, ...call } = {}) {
      if (index !== undefined) numberOption(where, 'index', index, { min: 1, whole: true })
      return called<void, KvConflict>('delete', call, async (called) => {
        const condition = index === undefined ? {} : { cas: index }
        const done = await calls.plain(called, (client, common) => client.kv.del({ key, ...condition, ...common }))
        return done ? ok() : fail(conflict(key))
      })
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
