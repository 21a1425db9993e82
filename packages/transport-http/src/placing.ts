// A contract's inputs as requests: encoded, and placed where the method's binding says.
import type { Codecs, HttpBinding } from '@tenon/contract'
import { encodeJson } from './codec.ts'
import type { Line } from './sending.ts'

/** Encodes for one method; `base` is the path that stands before every method's. */
export const placing =
  (coded: Codecs, binding: HttpBinding, base: string): Line['encode'] =>
  (input, request) => {
    const placed = binding.encode(coded.encodeInput(input))
    if (placed._tag === 'Left') return placed
    const { path, query, headers, body } = placed.right
    request.path = query === '' ? base + path : `${base}${path}?${query}`
    Object.assign(request.headers, headers)
    encodeJson(body, request)
    return undefined
  }
