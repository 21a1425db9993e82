// The quick answer for most values: there is nothing to tidy. No copies, no paths; whatever it is not sure of is not tidy.
import type { Shape } from './shape.ts'

/** Has the value surely no key that is unknown or `undefined`, as far as this shape sees? */
export function isTidy(shape: Shape, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  switch (shape.kind) {
    case 'struct': {
      const { fields } = shape
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) return false
      for (const key in value) {
        const field = fields.get(key)
        if (field === undefined) return false
        const item = (value as Readonly<Record<string, unknown>>)[key]
        if (item === undefined || (typeof item === 'object' && !isTidy(field.shape, item))) return false
      }
      return !fields.has('__proto__')
    }
    case 'array':
      if (!Array.isArray(value)) return false
      for (const item of value) if (typeof item === 'object' && !isTidy(shape.item, item)) return false
      return true
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
    case 'undefined':
    case 'literals':
      return true
    default:
      return false
  }
}
