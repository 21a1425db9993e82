// A contract as a .proto: so that a service written contract-first can be called from any language.
import { type AnyMethod, type Description, describer } from '@tenon/contract'
import type { MethodInfo } from '@tenon/endpoint'
import { kindOf, preferred } from './kinds.ts'
import { type Numbers, numbers, type ProtoLock } from './lock.ts'
import { type Definitions, type Members, membersOf, nullable, resolved, saidOf, textsOf } from './members.ts'
import { type Mismatch, ProtoMismatch } from './mismatch.ts'
import { capitals, pascal, snake } from './names.ts'

/** A contract as a .proto. */
export interface Proto {
  /** The file: proto3, one service. */
  readonly text: string
  /** The numbers that were given: keep them, and hand them to the next `toProto`. */
  readonly lock: ProtoLock
}

interface AnyContract {
  readonly name: string
  readonly methods: Readonly<Record<string, AnyMethod & MethodInfo>>
}

const file: Readonly<Record<string, string>> = {
  Empty: 'empty',
  Timestamp: 'timestamp',
  Duration: 'duration',
  Value: 'struct',
  Struct: 'struct',
}

/**
 * Prints a contract as a .proto, with the field numbers of `lock` and new ones after them. Fields that are gone stay reserved.
 *
 * @throws ProtoMismatch with every place that has no form in protobuf (a union without a tag, a tuple, a list of lists, a codec
 * written by hand that no annotation describes), and TypeError for what is no lock.
 */
export function toProto({ name, methods }: AnyContract, lock?: ProtoLock): Proto {
  const book = describer()
  const called = Object.values(methods)
    .filter(({ kind }) => kind !== 'event')
    .map((method) => ({ method, input: book.describe(method.input), output: book.describe(method.output) }))
  const printer = new Printer(book.definitions, numbers(lock))
  const rpcs = called.map(({ method, input, output }) => {
    const rpc = pascal(method.name)
    const [request, reply] = [
      printer.message(input, `${rpc}Request`, `${method.name}.input`),
      printer.message(output, `${rpc}Reply`, `${method.name}.output`),
    ]
    const sends = method.kind === 'clientStream' || method.kind === 'duplex' ? 'stream ' : ''
    const gives = method.kind === 'serverStream' || method.kind === 'duplex' ? 'stream ' : ''
    const options = method.idempotent ? ' {\n    option idempotency_level = IDEMPOTENT;\n  }' : ';'
    return `${comment(method.description, '  ')}  rpc ${rpc}(${sends}${request}) returns (${gives}${reply})${options}`
  })
  if (printer.mismatches.length > 0) throw new ProtoMismatch(name, printer.mismatches, 'written')
  const parts = name.split('.')
  const service = parts.pop() as string
  const imports = [...printer.imports].sort().map((each) => `import "google/protobuf/${each}.proto";`)
  const sections = [
    ['syntax = "proto3";', ...(parts.length > 0 ? [`package ${parts.join('.')};`] : [])].join('\n\n'),
    imports.join('\n'),
    `service ${service} {\n${rpcs.join('\n')}\n}`,
    ...printer.types.values(),
  ]
  return { text: `${sections.filter((section) => section !== '').join('\n\n')}\n`, lock: printer.numbers.lock() }
}

class Printer {
  readonly mismatches: Mismatch[] = []
  readonly imports = new Set<string>()
  /** Texts of messages and enums, by name, in the order of their first use. */
  readonly types = new Map<string, string>()
  readonly numbers: Numbers
  readonly #definitions: Definitions
  /** Which description has which name. */
  readonly #owners = new Map<string, Description>()

  constructor(definitions: Definitions, given: Numbers) {
    this.#definitions = definitions
    this.numbers = given
  }

  /** The type of a whole message. */
  message(of: Description, wanted: string, path: string): string {
    const found = resolved(of, this.#definitions)
    if (found.kind === 'nothing') return this.#google('Empty')
    const members = membersOf(of, this.#definitions)
    if (members !== undefined) return this.#define(of, wanted, (name) => this.#body(members, name, path))
    const known = this.#wellKnown(found)
    if (known === 'Struct' || known === 'Value') return this.#google(known)
    // What is no object travels alone.
    const alone = { fields: [{ name: 'value', of, optional: false }], unions: [] }
    return this.#define({ kind: 'object', fields: alone.fields }, wanted, (name) => this.#body(alone, name, path))
  }

  #body({ fields, unions }: Members, name: string, path: string): string {
    const typed = fields.map(({ name: key, of, optional }) => {
      const inner = nullable(of, this.#definitions)
      if (inner !== undefined && optional) this.#refuse(`${path}.${key}`, of, 'null and absent are the same there')
      if (!/^[a-z_]/.test(snake(key))) this.#refuse(`${path}.${key}`, of, 'names begin with a letter there')
      const type = this.#field(inner ?? of, optional || inner !== undefined, name + pascal(key), `${path}.${key}`)
      return {
        name: snake(key),
        line: (number: number) => `${comment(of.notes?.description, '  ')}  ${type} ${snake(key)} = ${number};`,
      }
    })
    const chosen = unions.map(({ tag, members }) => ({
      tag: snake(tag),
      members: [...members].map(([value, inside]) => {
        const type = this.#define(undefined, name + pascal(value), (own) =>
          this.#body(inside, own, `${path}.${tag}=${value}`),
        )
        return { name: snake(value), line: (number: number) => `    ${type} ${snake(value)} = ${number};` }
      }),
    }))
    const all = [...typed, ...chosen.flatMap(({ members }) => members)]
    const twin = all.find(({ name: key }, at) => all.findIndex((other) => other.name === key) !== at)
    if (twin !== undefined)
      this.mismatches.push({
        path,
        contract: `two fields that are ${twin.name} in snake case`,
        proto: 'one name for one field',
      })
    const { numbers: given, reserved } = this.numbers.of(
      name,
      all.map((each) => each.name),
      1,
    )
    const numbered = (each: (typeof all)[number]): string => each.line(given.get(each.name) as number)
    const lines = [
      ...reservations(reserved),
      ...typed.map(numbered),
      ...chosen.flatMap(({ tag, members }) => [`  oneof ${tag} {`, ...members.map(numbered), '  }']),
    ]
    return lines.length === 0 ? `message ${name} {}` : `message ${name} {\n${lines.join('\n')}\n}`
  }

  #field(of: Description, optional: boolean, wanted: string, path: string): string {
    const found = resolved(of, this.#definitions)
    if (found.kind === 'array') {
      if (optional) this.#refuse(path, of, 'an empty list and none are the same there: make it required')
      return `repeated ${this.#single(found.item, wanted, `${path}[]`)}`
    }
    if (found.kind === 'record' && this.#wellKnown(found) === undefined) {
      if (optional) this.#refuse(path, of, 'an empty map and none are the same there: make it required')
      return `map<string, ${this.#single(found.value, wanted, `${path}{}`)}>`
    }
    const type = this.#single(of, wanted, path)
    const scalar = textsOf(of, this.#definitions) !== undefined || !/[.A-Z]/.test(type)
    return optional && scalar ? `optional ${type}` : type
  }

  #single(of: Description, wanted: string, path: string): string {
    const found = resolved(of, this.#definitions)
    const known = this.#wellKnown(found)
    if (known !== undefined) return this.#google(known)
    const texts = textsOf(of, this.#definitions)
    if (texts !== undefined) return this.#define(of, wanted, (name) => this.#enum(texts, name, path))
    const kind = kindOf(found)
    if (kind !== undefined) return preferred[kind]
    const members = membersOf(of, this.#definitions)
    if (members !== undefined) return this.#define(of, wanted, (name) => this.#body(members, name, path))
    return this.#refuse(path, of, adviceFor(found))
  }

  #enum(texts: readonly string[], name: string, path: string): string {
    const prefix = capitals(name)
    const names = texts.map((text) => `${prefix}_${capitals(text)}`)
    if (new Set(names).size < names.length || names.includes(`${prefix}_UNSPECIFIED`))
      this.mismatches.push({
        path,
        contract: texts.join(' | '),
        proto: 'a value of its own for each, and one for none',
      })
    const { numbers: given, reserved } = this.numbers.of(name, names, 1)
    const lines = [...given].map(([each, number]) => `  ${each} = ${number};`)
    return `enum ${name} {\n${[...reservations(reserved), `  ${prefix}_UNSPECIFIED = 0;`, ...lines].join('\n')}\n}`
  }

  #wellKnown(found: Description): string | undefined {
    if (found.kind === 'anything') return 'Value'
    if (found.kind === 'record' && resolved(found.value, this.#definitions).kind === 'anything') return 'Struct'
    const kind = kindOf(found)
    return kind === 'time' ? 'Timestamp' : kind === 'duration' ? 'Duration' : undefined
  }

  #google(type: string): string {
    this.imports.add(file[type] as string)
    return `google.protobuf.${type}`
  }

  /** Defines a type under the description's own name, or the wanted one, once; answers its name. */
  #define(of: Description | undefined, wanted: string, make: (name: string) => string): string {
    const base = of?.kind === 'ref' ? pascal(of.name) : wanted
    let name = base
    for (let n = 2; this.types.has(name) && !same(this.#owners.get(name), of); n++) name = `${base}${n}`
    if (this.types.has(name)) return name
    if (of !== undefined) this.#owners.set(name, of)
    // Recursions find the name before the body is there.
    this.types.set(name, '')
    this.types.set(name, make(name))
    return name
  }

  #refuse(path: string, of: Description, advice: string): string {
    this.mismatches.push({ path, contract: saidOf(of), proto: 'no form for it', advice })
    return 'string'
  }
}

const same = (a: Description | undefined, b: Description | undefined): boolean =>
  a?.kind === 'ref' && b?.kind === 'ref' && a.name === b.name

function adviceFor({ kind }: Description): string {
  switch (kind) {
    case 'one':
      return 'give its members a tag: a literal of one key'
    case 'array':
      return 'put the inner list into an object'
    case 'tuple':
      return 'make it an object'
    case 'null':
      return 'let it be absent'
    case 'custom':
      return 'annotate(codec, { schema: { type: ... } }) says what it is on the wire'
    default:
      return 'use another codec'
  }
}

function reservations(reserved: ReadonlyMap<string, number>): readonly string[] {
  if (reserved.size === 0) return []
  const byNumber = [...reserved].sort(([, a], [, b]) => a - b)
  return [
    `  reserved ${byNumber.map(([, number]) => number).join(', ')};`,
    `  reserved ${byNumber.map(([name]) => JSON.stringify(name)).join(', ')};`,
  ]
}

const comment = (text: string | undefined, indent: string): string =>
  text === undefined
    ? ''
    : `${text
        .split(/\r?\n|\r/)
        .map((line) => `${indent}// ${line}`.trimEnd())
        .join('\n')}\n`
