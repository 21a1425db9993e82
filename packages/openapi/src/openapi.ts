// OpenAPI 3.1 documents and JSON Schema from contracts, and a page that shows them.
import { type Middleware, observe } from '@tenon/endpoint'

/** Say what it does, the units and defaults of every option, which failures it adds, and what the caller must close. */
export function openapi(): Middleware {
  return observe(() => undefined)
}
