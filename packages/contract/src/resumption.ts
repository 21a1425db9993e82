// What a transport does to resume a stream: the id of an item as text, and the input that begins after one.
import type { PlacedMethod } from './method.ts'
import { fieldsOf, type Shape, shapeOf } from './shape.ts'
import { type Text, textOf } from './text.ts'

/** What a transport does with ids. */
export interface Resumption {
  /** The id of an item, as `encodeOutput` made it, as text. Throws a TypeError where no reader could send it back. */
  idOf(item: unknown): string
  /** An input, as `decodeInput` takes it, that begins after the item of this id, whatever it said before. */
  after(raw: unknown, id: string): unknown
  /** The input of a call that begins after this item: decoded values. */
  next(input: unknown, item: unknown): unknown
}

const made = new WeakMap<PlacedMethod, Resumption>()

/** How the streams of this method are resumed; `undefined` where it does not offer it. */
export const resumption = (method: PlacedMethod): Resumption | undefined => made.get(method)

/** The id that ends a stream: an `EventSource` sends it back when it asks for more. */
export const lastId = ':end'

/**
 * Checks and prepares what a method says of resuming.
 *
 * @throws TypeError naming contract, method and field, for what cannot work.
 */
export function prepareResume(where: string, method: PlacedMethod): void {
  const { resume, input, output } = method
  if (resume === undefined) return
  const { id, after } = resume
  const given = textField(`${where}, resume.id`, id, 'output', shapeOf(output), false)
  const taken = textField(`${where}, resume.after`, after, 'input', shapeOf(input), true)
  if (typeof given.read('1') !== typeof taken.read('1'))
    throw new TypeError(`${where}, resume: "${id}" of the output and "${after}" of the input differ on the wire`)
  made.set(method, {
    idOf(item) {
      const text = given.write((item as Readonly<Record<string, unknown>>)[id])
      if (text === undefined || !printable.test(text) || text.length > longest || text === lastId)
        throw new TypeError(`${where}: "${id}" is printable ASCII, 1 to ${longest} characters, other than "${lastId}"`)
      return text
    },
    after: (raw, text) =>
      typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...raw, [after]: taken.read(text) } : raw,
    next: (of, item) => ({ ...(of as object), [after]: (item as Readonly<Record<string, unknown>>)[id] }),
  })
}

// What every server reads in a header as it was sent (RFC 9110, 5.5), and a line of an event stream too.
const printable = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/
const longest = 1_024

function textField(where: string, name: unknown, side: 'input' | 'output', shape: Shape, optional: boolean): Text {
  const fields = fieldsOf(shape)
  const field = typeof name === 'string' ? fields?.get(name) : undefined
  if (field === undefined)
    throw new TypeError(`${where}: the ${side} has no field ${JSON.stringify(name)} that is known`)
  const text = textOf(field.shape)
  if (typeof text === 'string') throw new TypeError(`${where}: ${text}: an id is text or a number`)
  if (text.many) throw new TypeError(`${where}: a list is no id`)
  if ((text.absent || field.optional) !== optional)
    throw new TypeError(`${where}: "${String(name)}" of the ${side} must be ${optional ? 'optional' : 'required'}`)
  return text
}
