// The types that contracts are bound to, as descriptors of files, as protoc writes them. What protobuf.js makes of its types no
// strict reader takes: it has no imports, names that are whole only where they stand, no `optional`, and ranges that end too soon.
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor/index.js'
import { jsonName, pascal, snake } from './names.ts'

/** Every file that these roots need, encoded, each once. Two contracts of one package are two files, unless they stand in one `.proto`. */
export function descriptorsOf(roots: readonly protobuf.Root[]): readonly Uint8Array[] {
  const files = new Map<string, File>()
  for (const root of roots) collect(root, root, files)
  const taken = new Set<string>()
  for (const [key, file] of files) {
    file.name = isPublished(key) ? key : free(file, taken)
    taken.add(file.name)
  }
  return [...files.values()].map((file) => encoded(file, files))
}

type Top = protobuf.Type | protobuf.Enum | protobuf.Service

/** A file in the making. */
interface File {
  name: string
  readonly of: string
  readonly root: protobuf.Root
  readonly tops: Top[]
}

const isTop = (each: unknown): each is Top =>
  each instanceof protobuf.Type || each instanceof protobuf.Enum || each instanceof protobuf.Service

function collect(inside: protobuf.NamespaceBase, root: protobuf.Root, files: Map<string, File>): void {
  for (const each of inside.nestedArray) {
    if (isTop(each)) {
      const key = keyOf(each)
      const file = files.get(key) ?? { name: '', of: inside.fullName.slice(1), root, tops: [] }
      // The same file, read again for another contract.
      if (file.root !== root) continue
      files.set(key, file)
      file.tops.push(each)
    } else if (each instanceof protobuf.Namespace) collect(each, root, files)
  }
}

const numbers = new WeakMap<protobuf.Root, number>()
let roots = 0

/** What tells the file of a type apart from others: the published one's name, its path and package, or its root and package. */
function keyOf(top: protobuf.ReflectionObject): string {
  const of = top.parent?.fullName.slice(1) ?? ''
  const published = of === 'google.protobuf' ? publishedIn(top.name) : undefined
  if (published !== undefined) return published
  if (top.filename) return `${of} ${top.filename}`
  const { root } = top
  if (!numbers.has(root)) numbers.set(root, roots++)
  return `${of} #${numbers.get(root)}`
}

interface Published {
  readonly nested: { readonly google: { readonly nested: { readonly protobuf: { readonly nested: object } } } }
}
const common = protobuf.common as unknown as Readonly<Record<string, Published>>
const publishedNames: readonly string[] = Object.keys(common).filter((name) => name.endsWith('.proto'))
const isPublished = (key: string): boolean => publishedNames.includes(key)

/** The published file that defines this type of `google.protobuf`. */
const publishedIn = (type: string): string | undefined =>
  publishedNames.find((name) => Object.hasOwn((common[name] as Published).nested.google.nested.protobuf.nested, type))

function free({ of, tops }: File, taken: ReadonlySet<string>): string {
  const folder = of === '' ? '' : `${of.replaceAll('.', '/')}/`
  const name = folder + snake(tops.find((top) => top instanceof protobuf.Service)?.name ?? 'types')
  for (let n = 1; ; n++) {
    const made = n === 1 ? `${name}.proto` : `${name}_${n}.proto`
    if (!taken.has(made)) return made
  }
}

function encoded(file: File, files: ReadonlyMap<string, File>): Uint8Array {
  const needed = new Set<string>()
  /** The whole name of a type that is referred to, whose file is needed then. */
  const refer = (type: protobuf.ReflectionObject): string => {
    let top = type
    while (top.parent instanceof protobuf.Type) top = top.parent
    const other = files.get(keyOf(top))
    if (other !== undefined && other !== file) needed.add(other.name)
    return type.fullName
  }
  const messageType: Message[] = []
  const enumType: object[] = []
  const service: object[] = []
  for (const top of file.tops) {
    if (top instanceof protobuf.Type) messageType.push(mended(described<Message>(top), top, refer))
    else if (top instanceof protobuf.Enum) enumType.push(described(top))
    else service.push(mendedService(described<Service>(top), top, refer))
  }
  const { name, of } = file
  const dependency = [...needed].sort()
  const made = { name, package: of, syntax: 'proto3', dependency, messageType, enumType, service }
  return descriptor.FileDescriptorProto.encode(made as never).finish()
}

const described = <T extends object>(top: object): T =>
  (top as { toDescriptor(edition: string): T }).toDescriptor('proto3')

type Refer = (type: protobuf.ReflectionObject) => string

interface Message {
  name: string
  readonly field: Field[]
  readonly nestedType: readonly Message[]
  oneofDecl: object[]
  readonly reservedRange: readonly { end: number }[]
  readonly options?: { readonly mapEntry?: boolean } | null
}
interface Field {
  readonly name: string
  typeName?: string
  jsonName?: string
  proto3Optional?: boolean
  oneofIndex?: number
  options?: { readonly packed?: boolean } | null | undefined
}
interface Service {
  readonly method: readonly { readonly name: string; inputType?: string; outputType?: string }[]
}

function mended(message: Message, type: protobuf.Type, refer: Refer): Message {
  for (const field of message.field) mendField(field, type.fields[field.name] as protobuf.Field, message, refer)
  // The ends of protobuf.js are inside, those of a descriptor are not.
  for (const range of message.reservedRange) range.end++
  // What stands for `optional` comes after the real ones.
  const optional = new Set(
    message.field.filter(({ proto3Optional }) => proto3Optional).map(({ oneofIndex }) => oneofIndex),
  )
  const order = message.oneofDecl.map((_, at) => at).sort((a, b) => Number(optional.has(a)) - Number(optional.has(b)))
  message.oneofDecl = order.map((at) => message.oneofDecl[at] as object)
  for (const field of message.field)
    if (Object.hasOwn(field, 'oneofIndex')) field.oneofIndex = order.indexOf(field.oneofIndex as number)
  for (const nested of message.nestedType) {
    const of = type.nested?.[nested.name]
    if (of instanceof protobuf.Type) mended(nested, of, refer)
  }
  return message
}

function mendField(field: Field, of: protobuf.Field, message: Message, refer: Refer): void {
  const { options, resolvedType, map } = of.resolve() as protobuf.Field & { readonly map: boolean }
  field.jsonName = (options?.json_name as string | undefined) ?? jsonName(field.name)
  if (options?.proto3_optional) field.proto3Optional = true
  // Said of what cannot be packed, too.
  if (!of.repeated || options?.packed === undefined) field.options = withoutPacked(field.options)
  if (map) {
    const entry = message.nestedType.find(
      ({ name, options }) => options?.mapEntry && name === field.typeName,
    ) as Message
    entry.name = `${pascal(field.name)}Entry`
    field.typeName = `${(of.parent as protobuf.Type).fullName}.${entry.name}`
    const value = entry.field[1] as Field
    if (resolvedType !== null) value.typeName = refer(resolvedType)
  } else if (resolvedType !== null) field.typeName = refer(resolvedType)
}

function withoutPacked(options: Field['options']): Field['options'] {
  if (options == null) return options
  const { packed: _, ...rest } = options
  return Object.keys(rest).length === 0 ? null : rest
}

function mendedService(service: Service, of: protobuf.Service, refer: Refer): Service {
  for (const method of service.method) {
    const { resolvedRequestType, resolvedResponseType } = (
      of.methods[method.name] as protobuf.Method
    ).resolve() as protobuf.Method
    method.inputType = refer(resolvedRequestType as protobuf.Type)
    method.outputType = refer(resolvedResponseType as protobuf.Type)
  }
  return service
}
