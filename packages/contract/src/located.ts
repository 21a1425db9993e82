// Where in a request the field of an issue is looked for: the codec names fields, and who wrote the request sent a header.
import type { InvalidArgument } from './call-failed.ts'
import { type Issue, where } from './issue.ts'
import { pathOf } from './path.ts'
import type { Placement } from './placement.ts'

type Locate = (refusal: InvalidArgument) => InvalidArgument

/** Adds to each issue where the field stands that it is about; of a body that holds all fields its path says that. */
export function locator({ params, query, headers, fields, body }: Placement): Locate {
  if (fields === undefined) return (refusal) => refusal
  const places = new Map<string, Pick<Issue, 'in' | 'name'>>()
  for (const field of params.keys()) places.set(field, { in: 'path', name: field })
  for (const field of query.keys()) places.set(field, { in: 'query', name: field })
  for (const [field, { name }] of headers) places.set(field, { in: 'header', name })
  const whole = typeof body === 'object' ? pathOf([body.field]) : undefined
  const written = [...places].map(([field, place]) => ({ field: pathOf([field]), place }))
  const located = (issue: Issue): Issue => {
    const found = written.find(({ field }) => isWithin(issue.path, field))
    if (found !== undefined) return { ...issue, ...found.place }
    if (whole === undefined || !isWithin(issue.path, whole)) return issue
    // The body is the field: what stands in it is named from there.
    return { ...issue, in: 'body', name: issue.path.slice(whole.length).replace(/^\./, '') }
  }
  return (refusal) => {
    const issues = refusal.issues.map(located)
    const [before] = refusal.issues
    const [first] = issues
    if (before === undefined || first === undefined) return refusal
    // The rest of the message tells how many there are in all, which is more than are listed.
    return { ...refusal, issues, message: where(first) + refusal.message.slice(where(before).length) }
  }
}

const isWithin = (path: string, field: string): boolean =>
  path.startsWith(field) && (path.length === field.length || path[field.length] === '.' || path[field.length] === '[')
