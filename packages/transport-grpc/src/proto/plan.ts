// Binds a description to a message type: walks both, reports every difference, and makes what converts between them.
import type { Description } from '@tenon/contract'
import type { Enum, Field, FieldBase, MapField, Type } from 'protobufjs'
import { asIs, type Convert } from './convert.ts'
import { type Alternative, absence, type Choice, converting, listed, mapped, type Step, stepOf } from './converting.ts'
import { fieldNamed, isMessage, isSynthetic, nameOf, tellsAbsence } from './field.ts'
import { kindOf, scalarOf, scalarsOf } from './kinds.ts'
import {
  type Definitions,
  type Members,
  membersOf,
  nullable,
  resolved,
  saidOf,
  textsOf,
  type Union,
} from './members.ts'
import type { Report } from './mismatch.ts'
import { enumValueOf, snake } from './names.ts'
import { anything, duration, struct, timestamp, wrapped, wrappers } from './well-known.ts'

type Fields = Record<string, unknown>

/** Makes the conversion of messages, each pair of description and type once: recursions end there. */
export class Planner {
  readonly #definitions: Definitions
  readonly #report: Report
  readonly #made = new Map<string, Convert>()

  constructor(definitions: Definitions, report: Report) {
    this.#definitions = definitions
    this.#report = report
  }

  /** The conversion of a whole message: of an input or an output. */
  message(of: Description, type: Type, path: string): Convert {
    const found = resolved(of, this.#definitions)
    if (found.kind === 'nothing') {
      if (type.fieldsArray.length > 0) this.#extra(type, new Set(), path)
      return { out: () => ({}), back: () => undefined }
    }
    const known = this.#wellKnown(of, type)
    if (known !== undefined) return known
    const members = membersOf(of, this.#definitions)
    if (members !== undefined) return this.#named(of, members, type, path)
    const [only] = type.fieldsArray
    // What is no object travels alone in a message of one field.
    if (only !== undefined && type.fieldsArray.length === 1 && only.name === 'value') return this.#alone(of, only, path)
    this.#mismatch(path, of, `message ${nameOf(type)}`, `what is no object takes a message with one field, "value"`)
    return asIs
  }

  #alone(of: Description, field: Field, path: string): Convert {
    const inside = this.#field(of, field, false, `${path}.value`)
    return {
      out: (value) => ({ value: inside.out(value) }),
      back: (message: Fields) =>
        (Object.hasOwn(message, 'value') ? inside.back(message.value as never) : inside.zero?.()) as never,
    }
  }

  #named(of: Description, members: Members, type: Type, path: string): Convert {
    if (of.kind !== 'ref') return this.#members(members, type, path)
    const key = `${of.name} ${type.fullName}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    // It may be needed by itself before it is made.
    const later: { convert: Convert } = { convert: asIs }
    const forward: Convert = {
      out: (value) => later.convert.out(value),
      back: (value) => later.convert.back(value),
    }
    this.#made.set(key, forward)
    later.convert = this.#members(members, type, path)
    return forward
  }

  #members({ fields, unions }: Members, type: Type, path: string): Convert {
    const used = new Set<Field>()
    const steps: Step[] = []
    for (const { name, of, optional } of fields) {
      const field = fieldNamed(type, name)
      const where = `${path}.${name}`
      if (field === undefined) {
        this.#mismatch(where, of, `no field ${snake(name)} in ${nameOf(type)}`)
        continue
      }
      used.add(field.resolve())
      const inner = nullable(of, this.#definitions)
      const whole = field.partOf
      if (whole !== null && !isSynthetic(whole))
        this.#mismatch(
          where,
          of,
          `a member of oneof ${whole.name}`,
          'only a union told apart by a tag goes with a oneof',
        )
      if (inner !== undefined && optional)
        this.#mismatch(where, of, field.type, 'null and absent are the same there: let it be one of them')
      const convert = this.#field(inner ?? of, field, optional || inner !== undefined, where)
      steps.push(stepOf(name, field.name, convert, absence(inner !== undefined, optional, convert)))
    }
    const choices = unions.map((union) => this.#union(union, type, used, path)).filter((choice) => choice !== undefined)
    this.#extra(type, used, path)
    return converting(steps, choices)
  }

  #union({ tag, members }: Union, type: Type, used: Set<Field>, path: string): Choice | undefined {
    const oneofs = type.oneofsArray.filter((each) => !isSynthetic(each))
    const found =
      oneofs.find(({ name }) => name === snake(tag) || name === tag) ?? (oneofs.length === 1 ? oneofs[0] : undefined)
    if (found === undefined) {
      this.#report({
        path,
        contract: `a union told apart by "${tag}"`,
        proto: `no oneof ${snake(tag)} in ${nameOf(type)}`,
      })
      return undefined
    }
    const byValue = new Map<string, Alternative>()
    for (const [value, inside] of members) {
      const where = `${path}.${tag}=${value}`
      const field = found.fieldsArray.find(({ name }) => name === snake(value) || name === value)?.resolve()
      if (field === undefined) {
        this.#report({
          path: where,
          contract: 'a member of the union',
          proto: `no field ${snake(value)} in oneof ${found.name}`,
        })
        continue
      }
      used.add(field)
      if (!isMessage(field)) {
        this.#report({ path: where, contract: 'an object', proto: field.type })
        continue
      }
      byValue.set(value, {
        value,
        field: field.name,
        convert: this.#members(inside, field.resolvedType as Type, where),
      })
    }
    return { tag, byValue, byField: new Map([...byValue.values()].map((each) => [each.field, each])) }
  }

  /** The conversion of one field, its absence aside. */
  #field(of: Description, field: Field, optional: boolean, path: string): Convert {
    field.resolve()
    const found = resolved(of, this.#definitions)
    if (field.map) return this.#map(of, found, field as unknown as MapField, optional, path)
    if (field.repeated) {
      if (found.kind !== 'array') return this.#mismatch(path, of, `repeated ${field.type}`)
      if (optional)
        this.#mismatch(
          path,
          of,
          `repeated ${field.type}`,
          'an empty list and none are the same there: make it required',
        )
      const item = this.#single(found.item, field, `${path}[]`)
      return {
        out: (values: readonly unknown[]) => listed(values, item.out),
        back: (values: readonly unknown[]) => listed(values, item.back),
        zero: () => [],
      }
    }
    const convert = this.#single(of, field, path)
    const tells = tellsAbsence(field)
    if (optional && !tells) {
      this.#mismatch(path, of, `${field.type} that is always there`, 'write "optional" before it, or make it required')
    }
    if (!optional && tells && !isMessage(field))
      this.#mismatch(path, of, `optional ${field.type}`, 'take "optional" away, or let it be absent in the contract')
    return tells ? { out: convert.out, back: convert.back } : convert
  }

  #map(of: Description, found: Description, field: MapField, optional: boolean, path: string): Convert {
    const proto = `map<${field.keyType}, ${field.type}>`
    if (found.kind !== 'record') return this.#mismatch(path, of, proto)
    if (field.keyType !== 'string') this.#mismatch(path, of, proto, 'keys are texts')
    if (optional) this.#mismatch(path, of, proto, 'an empty map and none are the same there: make it required')
    const item = this.#single(found.value, field, `${path}{}`)
    return { out: (value) => mapped(value, item.out), back: (value) => mapped(value, item.back), zero: () => ({}) }
  }

  #single(of: Description, field: FieldBase, path: string): Convert {
    field.resolve()
    const { resolvedType } = field
    if (isMessage(field)) {
      const type = resolvedType as Type
      const known = this.#wellKnown(of, type)
      if (known !== undefined) return known
      const members = membersOf(of, this.#definitions)
      return members === undefined ? this.#mismatch(path, of, nameOf(type)) : this.#named(of, members, type, path)
    }
    if (resolvedType !== null) return this.#enum(of, resolvedType as Enum, path)
    const kind =
      kindOf(resolved(of, this.#definitions)) ?? (textsOf(of, this.#definitions) === undefined ? undefined : 'text')
    if (kind === undefined) return this.#mismatch(path, of, field.type)
    return scalarOf(kind, field.type) ?? this.#mismatch(path, of, field.type, `it goes with ${scalarsOf(kind)}`)
  }

  #wellKnown(of: Description, type: Type): Convert | undefined {
    const found = resolved(of, this.#definitions)
    const kind = kindOf(found)
    const { fullName } = type
    if (fullName === '.google.protobuf.Timestamp') return kind === 'time' ? timestamp : undefined
    if (fullName === '.google.protobuf.Duration') return kind === 'duration' ? duration : undefined
    if (fullName === '.google.protobuf.Value') return found.kind === 'anything' ? anything : undefined
    if (fullName === '.google.protobuf.Struct')
      return found.kind === 'record' && resolved(found.value, this.#definitions).kind === 'anything'
        ? struct
        : undefined
    const scalar = wrappers[fullName]
    const inside = scalar === undefined || kind === undefined ? undefined : scalarOf(kind, scalar)
    return inside === undefined ? undefined : wrapped(inside)
  }

  #enum(of: Description, type: Enum, path: string): Convert {
    const texts = textsOf(of, this.#definitions)
    if (texts === undefined) return this.#mismatch(path, of, `enum ${type.name}`)
    const numbers = new Map<string, number>()
    for (const text of texts) {
      const name = enumValueOf(type.values, type.name, text)
      if (name === undefined) this.#mismatch(path, of, `enum ${type.name} without a value for ${JSON.stringify(text)}`)
      else numbers.set(text, type.values[name] as number)
    }
    const byNumber = new Map([...numbers].map(([text, number]) => [number, text]))
    // Zero is what an absent field is read as: a contract need not have it.
    for (const [name, number] of Object.entries(type.values))
      if (number !== 0 && !byNumber.has(number)) this.#mismatch(path, of, `${name} in enum ${type.name}`)
    const nameOfNumber = (number: number): string => byNumber.get(number) ?? type.valuesById[number] ?? `${number}`
    return { out: (text: string) => numbers.get(text), back: nameOfNumber, zero: () => nameOfNumber(0) }
  }

  #extra(type: Type, used: ReadonlySet<Field>, path: string): void {
    for (const field of type.fieldsArray)
      if (!used.has(field.resolve()))
        this.#report({
          path: `${path}.${field.name}`,
          contract: 'no such field',
          proto: `${field.type} in ${nameOf(type)}`,
        })
  }

  #mismatch(path: string, of: Description, proto: string, advice?: string): Convert {
    this.#report({ path, contract: saidOf(of), proto, advice })
    return asIs
  }
}
