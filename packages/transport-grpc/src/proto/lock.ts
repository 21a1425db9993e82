// Field numbers that never change: those given once are kept, also when the field is gone, and new ones come after all.

/** Numbers by type and field. Keep it beside the contract, commit it, and hand it to the next `toProto`. */
export interface ProtoLock {
  readonly version: 1
  /** Of every message its fields, of every enum its values, those that are no longer there included. */
  readonly types: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** Gives numbers to one type at a time. */
export interface Numbers {
  /** The numbers of these names, in their order; and what had a number before and is gone. */
  of(
    type: string,
    names: readonly string[],
    first: number,
  ): {
    readonly numbers: ReadonlyMap<string, number>
    readonly reserved: ReadonlyMap<string, number>
  }
  /** The lock as it is then. */
  lock(): ProtoLock
}

/** Protobuf keeps these for itself. */
const [forbiddenFrom, forbiddenTo] = [19_000, 19_999]

/** @throws TypeError for what is no lock, naming the type and the field. */
export function numbers(lock: ProtoLock | undefined): Numbers {
  const types: Record<string, Record<string, number>> = {}
  for (const [type, fields] of Object.entries(checked(lock))) types[type] = { ...fields }
  return {
    of(type, names, first) {
      types[type] ??= {}
      const known = types[type]
      let next = Math.max(first - 1, ...Object.values(known)) + 1
      for (const name of names) {
        if (Object.hasOwn(known, name)) continue
        if (next >= forbiddenFrom && next <= forbiddenTo) next = forbiddenTo + 1
        known[name] = next++
      }
      const entries = Object.entries(known)
      return {
        numbers: new Map(names.map((name) => [name, known[name] as number])),
        reserved: new Map(entries.filter(([name]) => !names.includes(name))),
      }
    },
    lock: () => ({ version: 1, types }),
  }
}

function checked(lock: ProtoLock | undefined): ProtoLock['types'] {
  if (lock === undefined) return {}
  const { version, types } = lock as { readonly version?: unknown; readonly types?: unknown }
  if (version !== 1 || typeof types !== 'object' || types === null)
    throw new TypeError('toProto: lock reads { "version": 1, "types": { ... } }, as toProto answered it before')
  for (const [type, fields] of Object.entries(types as ProtoLock['types'])) {
    if (typeof fields !== 'object' || fields === null)
      throw new TypeError(`toProto: lock: ${type} has no fields but ${String(fields)}`)
    const seen = new Map<number, string>()
    for (const [name, number] of Object.entries(fields)) {
      const twin = seen.get(number)
      const kept = number >= forbiddenFrom && number <= forbiddenTo
      if (!Number.isInteger(number) || number < 1 || number > 2 ** 29 - 1 || kept)
        throw new TypeError(`toProto: lock: ${type}.${name} has no field number but ${String(number)}`)
      if (twin !== undefined)
        throw new TypeError(`toProto: lock: ${type}.${name} and ${type}.${twin} have one number, ${number}`)
      seen.set(number, name)
    }
  }
  return types as ProtoLock['types']
}
