// Code that decodes an object of known keys: each is read once.
import { noRecord } from './conditions.ts'
import { copiedByKeys, keyed, type Read, seen } from './keyed.ts'
import type { Member, Members } from './members.ts'
import { quoted } from './program.ts'
import { type Writer, within } from './site.ts'
import { changes, isQuiet, takesUndefined } from './traits.ts'

export function structBody(members: Members, writer: Writer): readonly string[] {
  const { policy, program, bounded } = writer
  const lines = [`if (${noRecord('u')}) return wrong`]
  const reads = members.fields.map((field) => read(field, writer, lines))
  if (!members.closed && members.apart === undefined) return [...lines, ...open(members, reads)]
  lines.push(...ordinary)
  const what = { members, reads, policy, bounded, renews: false, depth: 'd', decoding: true }
  return [...lines, ...keyed(what, program)]
}

/** Does an object say of its prototype what `Object.getPrototypeOf` says? `node --disable-proto` ends that. */
function tellsPrototype(): boolean {
  try {
    return Reflect.get({}, '__proto__') === Object.prototype
  } catch {
    return false
  }
}

/**
 * The instance of a class may hide more than it shows, and of its getters others decide. Asked as a property, because V8
 * knows the answer from the object's map, which it has just looked at, also where it meets several maps; the function
 * costs a third of the whole for a small object. An own key of this name is no field, and so is found out.
 */
export const ordinary: readonly string[] = [
  `if (${tellsPrototype() ? 'u.__proto__ !== objects && ' : ''}!isOrdinary(u)) return doubt`,
]

/** Every object has it, whatever it is; and where it is left out, that shows. */
export const inherited = (key: string, v: string): readonly string[] =>
  key in Object.prototype ? [`if (${v} === void 0 || !has.call(u, ${quoted(key)})) return doubt`] : []

/** An object that keeps its other keys. */
function open({ merged }: Members, reads: readonly Read[]): readonly string[] {
  const changing = reads.flatMap(({ key, optional, v, r, differs, empty }) => {
    const missing = empty && !optional ? [`(${r} === void 0 && !has.call(u, ${quoted(key)}))`] : []
    const changed = [...(differs ? [`${r} !== ${v}`] : []), ...missing].join(' || ')
    return changed === '' ? [] : [{ changed, store: `o[${quoted(key)}] = ${r}` }]
  })
  if (changing.length === 0) return ['return u']
  return [
    `if (${changing.map(({ changed }) => changed).join(' || ')}) {`,
    ...(merged ? copiedByKeys : ["if (has.call(u, '__proto__')) return doubt", 'const o = { ...u }']),
    ...seen(reads),
    ...changing.map(({ changed, store }) => `if (${changed}) ${store}`),
    'return o',
    '}',
    'return u',
  ]
}

function read(member: Member, { policy, program, value, entry }: Writer, lines: string[]): Read {
  const { key, node, optional, via } = member
  const [v, name] = [program.fresh('v'), quoted(key)]
  lines.push(`const ${v} = u[${name}]`)
  lines.push(...inherited(key, v))
  let outer = (): string => 'c'
  for (const { at, codec } of via) outer = entry(quoted(`${at}`), codec, 'u', outer)
  const site = { ...within, context: entry(name, node.codec, v, outer) }
  const differs = changes(node, policy !== 'pass')
  if (!optional)
    return { key, optional, v, r: value(node, v, site, lines), differs, fills: true, empty: takesUndefined(node) }
  const quiet = isQuiet(node)
  const [r, label, inner] = [program.fresh('r'), program.fresh('optional'), [] as string[]]
  const fail = quiet ? site.fail : `{ if (${v} === void 0) break ${label}; return wrong }`
  const result = value(node, v, { ...site, fail }, inner)
  lines.push(
    ...(differs ? [`let ${r} = ${v}`] : []),
    quiet ? `if (${v} !== void 0) {` : `${label}: {`,
    ...inner,
    ...(differs ? [`${r} = ${result}`] : []),
    '}',
  )
  return { key, optional, v, r: differs ? r : v, differs, fills: !quiet, empty: true }
}
