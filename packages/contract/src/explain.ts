// What io-ts says of a wrong value, condensed to what a person wants to know: one issue per wrong field, and of a union
// the member that was meant, not one issue per member.
import type * as t from 'io-ts'
import { expected, expectedLiterals, expectedOneOf } from './expected.ts'
import { type Issue, kindOf, maxIssues } from './issue.ts'
import { natureOf, refinementOf, tagOf } from './nature.ts'
import type { Step } from './path.ts'
import type { Hiding } from './secrets.ts'
import { fieldsOf, literalsOf, shapeOf } from './shape.ts'

type Errors = readonly t.ValidationError[]

/** The issues behind these errors, in the order of the codec; one more than is listed says that there are more. */
export function explain(errors: Errors, hidden: Hiding): readonly Issue[] {
  const [only] = errors
  if (errors.length === 1 && only !== undefined && crossing(only, 0) < 0) return [issueOf(only, hidden)]
  const issues = new Map<string, Issue>()
  gather(errors, 0, issues, hidden)
  return [...issues.values()]
}

const entry = (error: t.ValidationError, at: number): t.ContextEntry => error.context[at] as t.ContextEntry

/** Where the errors go into a member of a union, from `from` on; -1 when they do not. */
function crossing({ context }: t.ValidationError, from: number): number {
  for (let i = from; i < context.length - 1; i++)
    if (natureOf((context[i] as t.ContextEntry).type as t.Mixed) === 'union') return i
  return -1
}

function gather(errors: Errors, from: number, issues: Map<string, Issue>, hidden: Hiding): void {
  for (let at = 0; at < errors.length && issues.size <= maxIssues; ) {
    const error = errors[at] as t.ValidationError
    const union = crossing(error, from)
    if (union < 0) {
      add(issues, issueOf(error, hidden))
      at++
      continue
    }
    // io-ts lists what one union says in a row, and all of it shares the union's entry.
    const start = at
    while (at < errors.length && (errors[at] as t.ValidationError).context[union] === error.context[union]) at++
    condense(errors.slice(start, at), union, issues, hidden)
  }
}

function condense(errors: Errors, union: number, issues: Map<string, Issue>, hidden: Hiding): void {
  const byMember = new Map<string, t.ValidationError[]>()
  for (const error of errors) {
    const { key } = entry(error, union + 1)
    const others = byMember.get(key)
    if (others === undefined) byMember.set(key, [error])
    else others.push(error)
  }
  const members = [...byMember.values()]
  const meant = members.length === 1 ? members : intended(members, union + 1)
  const [only] = meant
  if (meant.length === 1 && only !== undefined) {
    gather(only, union + 1, issues, hidden)
    return
  }
  const { type, actual } = entry(errors[0] as t.ValidationError, union)
  const typesOf = (some: readonly Errors[]): readonly t.Mixed[] =>
    some.map(([error]) => entry(error as t.ValidationError, union + 1).type as t.Mixed)
  const steps = stepsTo(errors[0] as t.ValidationError, union)
  const secret = hidden.hides(steps)
  const told =
    meant.length === 0
      ? ofNone(type as t.Mixed, typesOf(members), kindOf(actual), secret)
      : { expected: expectedOneOf(typesOf(meant), secret), actual: kindOf(actual) }
  add(issues, { path: hidden.path(steps), ...told })
}

/** A value that no member of a union takes: but for a refinement, it may be of the right kind. */
function ofNone(union: t.Mixed, members: readonly t.Mixed[], kind: string, secret: boolean): Omit<Issue, 'path'> {
  const narrow = members.map(refinementOf).filter((refinement) => refinement?.of === kind)
  const literal = members.some((member) => {
    const shape = shapeOf(member)
    return shape.kind === 'literals' && shape.values.some((value) => kindOf(value) === kind)
  })
  const [only] = narrow
  if (only === undefined) return { expected: expected(union, secret), actual: kind }
  return {
    expected: narrow.length === 1 && !literal ? only.asks : expectedOneOf(members, secret),
    actual: `another ${kind}`,
  }
}

/** Of the members of a union those that were most likely meant: the kind of the value fits, then the literals, then the keys. */
function intended(members: readonly Errors[], from: number): readonly Errors[] {
  const ofTheKind = members.filter((errors) => !errors.some((error) => isWhole(error, from)))
  const literally = ofTheKind.filter((errors) => !errors.some(isLiteral))
  const candidates = literally.length > 0 ? literally : ofTheKind
  const known = candidates.filter((errors) => sharesKey(entry(errors[0] as t.ValidationError, from)))
  const missing = (errors: Errors): number => errors.filter((error) => error.value === undefined).length
  const least = (count: (errors: Errors) => number, of: readonly Errors[]): readonly Errors[] => {
    const min = Math.min(...of.map(count))
    return of.filter((errors) => count(errors) === min)
  }
  const best = least((errors) => errors.length, least(missing, known))
  return best.length === 1 ? best : candidates
}

/** Has the value a key that this member of a union knows? Of an array nobody asks. */
function sharesKey({ type, actual }: t.ContextEntry): boolean {
  const fields = fieldsOf(shapeOf(type as t.Mixed))
  return fields === undefined || Object.keys(actual as object).some((key) => fields.has(key))
}

/** Does the error speak of the whole value at `from`, and not of something inside? */
function isWhole({ context }: t.ValidationError, from: number): boolean {
  for (let i = from; i < context.length - 1; i++)
    if (!isTransparent((context[i] as t.ContextEntry).type as t.Mixed)) return false
  return true
}

const isLiteral = ({ context }: t.ValidationError): boolean =>
  natureOf((context[context.length - 1] as t.ContextEntry).type as t.Mixed) === 'literal'

/** Members of unions and intersections are the same value once more. */
const isTransparent = (type: t.Mixed): boolean => natureOf(type) === 'union' || natureOf(type) === 'intersection'

function issueOf(error: t.ValidationError, hidden: Hiding): Issue {
  const { context, value } = error
  const last = context.length - 1
  const type = entry(error, last).type as t.Mixed
  const steps = stepsTo(error, last)
  const path = hidden.path(steps)
  const tag = tagOf(type)
  // A tagged union whose tag is none of the known ones says that of the whole; the tag is what is wrong.
  if (tag !== undefined && kindOf(value) === 'object') {
    const inTag = [...steps, tag]
    const literals = expectedLiterals(literalsOf(shapeOf(type), tag), hidden.hides(inTag))
    const found = Object.hasOwn(value as object, tag) ? (value as Readonly<Record<string, unknown>>)[tag] : undefined
    return { path: hidden.path(inTag), expected: literals, actual: kindOf(found) }
  }
  const actual = kindOf(value)
  const narrow = refinementOf(type)
  // "expected Int, got number" would read as if no number would do.
  if (narrow?.of === actual) return { path, expected: narrow.asks, actual: `another ${actual}` }
  return { path, expected: expected(type, hidden.hides(steps)), actual }
}

function stepsTo({ context }: t.ValidationError, last: number): readonly Step[] {
  const steps: Step[] = []
  for (let i = 1; i <= last; i++) {
    const above = context[i - 1] as t.ContextEntry
    if (isTransparent(above.type as t.Mixed)) continue
    const { key } = context[i] as t.ContextEntry
    steps.push(Array.isArray(above.actual) ? Number(key) : key)
  }
  return steps
}

const add = (issues: Map<string, Issue>, issue: Issue): void => {
  const key = `${issue.path}\n${issue.expected}`
  if (!issues.has(key)) issues.set(key, issue)
}
