// Two routes that differ only in how the fields in their paths are called are one path in OpenAPI: the first one names them.
import type { HttpBinding } from '../http.ts'

/** A path of the document, and what a binding's fields are called in it. */
export interface NamedPath {
  readonly path: string
  readonly names: ReadonlyMap<string, string>
}

/** Names paths, one binding after the other. */
export function pathNames(): (binding: HttpBinding) => NamedPath {
  const first = new Map<string, { readonly path: string; readonly fields: readonly string[] }>()
  return ({ pattern, verb, path, route }) => {
    const template = pattern.slice(verb.length + 1)
    const fields = route.flatMap(({ param }) => param ?? [])
    const found = first.get(template) ?? { path, fields }
    first.set(template, found)
    return { path: found.path, names: new Map(fields.map((field, at) => [field, found.fields[at] ?? field])) }
  }
}
