// A codec as two functions. The one place where decoding happens: io-ts decides, what stands before it only finds or
// drops unknown keys, and refuses what would cost without end.
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { branches, isTooMuch } from './effort.ts'
import { explain } from './explain.ts'
import { guard } from './guard.ts'
import { isTidy, large } from './is-tidy.ts'
import { type Issue, kindOf, maxIssues } from './issue.ts'
import { pathOf, type Step } from './path.ts'
import { shapeOf, some } from './shape.ts'
import { tidy } from './tidy.ts'

export interface Coder {
  /** The value, or what is wrong with it; one issue more than is listed says that there are more. */
  decode(raw: unknown): E.Either<readonly Issue[], unknown>
  encode(value: unknown): unknown
}

export function coder(codec: t.Mixed, unknownKeys: 'refuse' | 'strip'): Coder {
  const shape = shapeOf(codec)
  const recursive = some(shape, (part) => part.kind === 'lazy')
  const branching = recursive && branches(shape)
  const strip = unknownKeys === 'strip'
  return {
    decode(raw) {
      const tooDeep = recursive ? guard(raw, []) : undefined
      if (tooDeep !== undefined) return E.left([tooDeep])
      if (branching && isTooMuch(shape, raw))
        return E.left([{ path: '', expected: 'fewer nested alternatives', actual: kindOf(raw) }])
      if (isTidy(shape, raw)) {
        const result = codec.decode(raw)
        return result._tag === 'Right' ? result : E.left(explain(result.left))
      }
      const flood: Issue[] = []
      // A large array is tried item by item: 20 wrong items end it, where io-ts would describe every one.
      const array = (item: t.Mixed, value: readonly unknown[], steps: readonly Step[]): boolean =>
        value.length >= large && floods(item, value, steps, flood)
      const walk = { takes: decodes, strip, foreign: true, array, issues: [] as Issue[], steps: [], over: false }
      const tidied = tidy(shape, raw, walk)
      if (walk.over) return E.left(flood)
      const result = codec.decode(tidied)
      if (result._tag === 'Left') return E.left([...explain(result.left), ...walk.issues])
      return walk.issues.length === 0 ? result : E.left(walk.issues)
    },
    encode(value) {
      if (isTidy(shape, value)) return codec.encode(value)
      const walk = { takes: is, strip: true, foreign: false, issues: [], steps: [], over: false }
      return codec.encode(tidy(shape, value, walk))
    },
  }
}

const is = (member: t.Mixed, value: unknown): boolean => member.is(value)
const decodes = (member: t.Mixed, value: unknown): boolean => member.decode(value)._tag === 'Right'

/** Are there so many wrong items that the first of them are all there is to say? */
function floods(item: t.Mixed, value: readonly unknown[], steps: readonly Step[], issues: Issue[]): boolean {
  const found: Issue[] = []
  for (let i = 0; i < value.length && found.length <= maxIssues; i++) {
    const result = item.decode(value[i])
    if (result._tag === 'Right') continue
    const at = pathOf([...steps, i])
    for (const issue of explain(result.left))
      found.push({
        ...issue,
        path: issue.path === '' || issue.path.startsWith('[') ? at + issue.path : `${at}.${issue.path}`,
      })
  }
  if (found.length <= maxIssues) return false
  issues.push(...found)
  return true
}
