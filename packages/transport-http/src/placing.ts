// A contract's inputs as requests: encoded, and placed where the method's binding says.
import type { Codecs, HttpBinding } from '@tenon/contract'
import { encodeJson } from './codec.ts'
import type { Form } from './formats.ts'
import type { Line } from './line.ts'

/** Encodes for one method; `base` is the path that stands before every method's, `form` that of a body which is the whole input. */
export const placing =
  (coded: Codecs, binding: HttpBinding, base: string, form?: Form): Line['encode'] =>
  (input, request) => {
    const placed = binding.encode(coded.encodeInput(input))
    if (placed._tag === 'Left') return placed
    const { path, query, headers, body } = placed.right
    request.path = query === '' ? base + path : `${base}${path}?${query}`
    Object.assign(request.headers, headers)
    if (form !== undefined) request.headers.accept = `${form.media}, application/json;q=0.9`
    if (form === undefined || binding.body !== '*') encodeJson(body, request)
    else {
      const written = form.input.write(body)
      if (written._tag === 'Left') return written
      request.headers['content-type'] = form.media
      request.body = written.right
    }
    return undefined
  }
