// .proto files and texts, read at run time.
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import protobuf from 'protobufjs'

/** A .proto by its path: one or several. Imports are looked for beside the file that imports, then in the working directory. */
export type ProtoFiles = string | URL | readonly (string | URL)[]

/** All that the files define. @throws Error that names the file, for one that is missing or cannot be read as a .proto. */
export function loadFiles(files: ProtoFiles): protobuf.Root {
  const root = new protobuf.Root()
  const common = new Set(Object.keys(protobuf.common as unknown as Readonly<Record<string, unknown>>))
  root.resolvePath = (origin, target) => {
    if (isAbsolute(target) || common.has(target)) return target
    const beside = origin === '' ? resolve(target) : join(dirname(origin), target)
    return existsSync(beside) ? beside : resolve(target)
  }
  const paths = (Array.isArray(files) ? files : [files]).map((file: string | URL) =>
    file instanceof URL ? fileURLToPath(file) : file,
  )
  for (const path of paths) {
    if (!existsSync(path)) throw new Error(`proto: there is no file ${path}`)
    try {
      root.loadSync(path, { keepCase: true })
    } catch (cause) {
      throw new Error(`proto: ${path} cannot be read: ${(cause as Error).message}`, { cause })
    }
  }
  return resolveAll(root, paths.join(', '))
}

/** What a text defines, as `toProto` prints it. */
export function loadText(text: string): protobuf.Root {
  const root = new protobuf.Root()
  const { imports = [] } = protobuf.parse(text, root, { keepCase: true })
  for (const name of imports) {
    const json = protobuf.common.get(name)
    if (json === null) throw new Error(`proto: ${name} is none of the types that every reader has`)
    root.addJSON((json as { nested: Record<string, protobuf.AnyNestedObject> }).nested)
  }
  return resolveAll(root, 'the text')
}

function resolveAll(root: protobuf.Root, what: string): protobuf.Root {
  try {
    root.resolveAll()
    return root
  } catch (cause) {
    throw new Error(`proto: ${what}: ${(cause as Error).message}`, { cause })
  }
}
