// Values of a contract into messages and back, as the plan of both says: field by field, a union through its oneof.
import { type Convert, within } from './convert.ts'
import { anything } from './well-known.ts'

type Fields = Record<string, unknown>

/** One field of a message. */
export interface Step {
  readonly name: string
  readonly field: string
  readonly convert: Convert
  readonly absent: Absent
  /** The value that needs no field, because an absent one means it: other writers leave it out, too. */
  readonly unwritten: unknown
}

export const stepOf = (name: string, field: string, convert: Convert, absent: Absent): Step => ({
  name,
  field,
  convert,
  absent,
  unwritten: absent === 'is zero' ? convert.zero?.() : undefined,
})

/** What it means when a field is not there. */
export type Absent = 'stays absent' | 'is null' | 'is zero'

/** What the absence of a field says, by what may be in its place. */
export const absence = (isNullable: boolean, optional: boolean, { zero }: Convert): Absent =>
  isNullable && !optional ? 'is null' : zero === undefined ? 'stays absent' : 'is zero'

/** One member of a union told apart by a tag. */
export interface Alternative {
  readonly value: string
  readonly field: string
  readonly convert: Convert
}

/** A union as a oneof. */
export interface Choice {
  readonly tag: string
  readonly byValue: ReadonlyMap<string, Alternative>
  readonly byField: ReadonlyMap<string, Alternative>
}

/** The conversion of a message whose fields are these. */
export function converting(steps: readonly Step[], choices: readonly Choice[]): Convert {
  return {
    out(value: Fields) {
      const message: Fields = {}
      let at = ''
      try {
        for (const { name, field, convert, unwritten } of steps) {
          at = name
          const each = Object.hasOwn(value, name) ? value[name] : undefined
          // Not ===: -0 is not the zero that an absent field means.
          if (each !== undefined && !Object.is(each, unwritten) && (each !== null || convert.out === anything.out))
            message[field] = convert.out(each as never)
        }
      } catch (cause) {
        throw within(cause, at)
      }
      for (const { tag, byValue } of choices) {
        const found = byValue.get(value[tag] as string)
        if (found !== undefined) message[found.field] = found.convert.out(value as never)
      }
      return message
    },
    back(message: Fields) {
      const value: Fields = {}
      let at = ''
      try {
        for (const { name, field, convert, absent } of steps) {
          at = name
          if (Object.hasOwn(message, field)) value[name] = convert.back(message[field] as never)
          else if (absent === 'is zero') value[name] = convert.zero?.()
          else if (absent === 'is null') value[name] = null
        }
      } catch (cause) {
        throw within(cause, at)
      }
      for (const { tag, byField } of choices)
        for (const [field, { value: literal, convert }] of byField)
          if (Object.hasOwn(message, field))
            Object.assign(value, convert.back(message[field] as never), { [tag]: literal })
      return value
    },
  }
}

/** A list, each item converted. */
export function listed(from: readonly unknown[], convert: (value: never) => unknown): unknown[] {
  const list: unknown[] = []
  try {
    for (let at = 0; at < from.length; at++) list.push(convert(from[at] as never))
  } catch (cause) {
    throw within(cause, list.length)
  }
  return list
}

/** A map, each value converted. */
export function mapped(from: Readonly<Fields>, convert: (value: never) => unknown): Fields {
  const entries = Object.entries(from)
  return Object.fromEntries(entries.map(([key, value]) => [key, convert(value as never)]))
}
