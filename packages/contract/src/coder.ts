// A codec as two functions. The one place where decoding happens: io-ts decides, what stands before it only finds or
// drops unknown keys, and refuses what would cost without end. Generated code takes the way to success first; where it
// gives no answer, nothing has happened yet.
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { type Fused, fused } from './compiler/generate.ts'
import { wrong } from './compiler/signals.ts'
import { branches, isTooMuch } from './effort.ts'
import { explain } from './explain.ts'
import { firstErrors, fits, isLarge } from './first-errors.ts'
import { guard } from './guard.ts'
import { isTidy } from './is-tidy.ts'
import { type Issue, kindOf } from './issue.ts'
import { hiding } from './secrets.ts'
import { shapeOf, some } from './shape.ts'
import { tidy } from './tidy.ts'

export interface Coder {
  /** The value, or what is wrong with it; one issue more than is listed says that there are more. */
  decode(raw: unknown): E.Either<readonly Issue[], unknown>
  encode(value: unknown): unknown
}

/** `make` makes the quick functions, when they are first needed. */
export function coder(codec: t.Mixed, unknownKeys: 'refuse' | 'strip', make: typeof fused = fused): Coder {
  const shape = shapeOf(codec)
  const recursive = some(shape, (part) => part.kind === 'lazy')
  const branching = recursive && branches(shape)
  const strip = unknownKeys === 'strip'
  const hidden = hiding(codec)
  let made: Fused | undefined
  const quick = (): Fused => {
    made ??= make(codec, unknownKeys)
    return made
  }

  function slowly(raw: unknown): E.Either<readonly Issue[], unknown> {
    const tooDeep = recursive ? guard(raw, [], hidden.path) : undefined
    if (tooDeep !== undefined) return E.left([tooDeep])
    if (branching) {
      if (isTooMuch(shape, raw))
        return E.left([{ path: '', expected: 'fewer nested alternatives', actual: kindOf(raw) }])
      const answer = quick().decode(raw)
      if (answer !== wrong) return E.right(answer)
    }
    const first = isLarge(raw) ? firstErrors(codec, raw) : undefined
    if (first?.complete === false) return E.left(explain(first.errors, hidden))
    if (isTidy(shape, raw)) {
      if (first !== undefined && first.errors.length > 0) return E.left(explain(first.errors, hidden))
      const result = codec.decode(raw)
      return result._tag === 'Right' ? result : E.left(explain(result.left, hidden))
    }
    const walk = { takes: fits, strip, foreign: true, path: hidden.path, issues: [] as Issue[], steps: [] }
    const result = codec.decode(tidy(shape, raw, walk))
    if (result._tag === 'Left') return E.left([...explain(result.left, hidden), ...walk.issues])
    return walk.issues.length === 0 ? result : E.left(walk.issues)
  }

  return {
    decode(raw) {
      // What may branch without end is not tried before it is known what that costs.
      const answer = branching ? wrong : quick().decode(raw)
      return answer === wrong ? slowly(raw) : E.right(answer)
    },
    encode(value) {
      const answer = quick().encode(value)
      if (answer !== wrong) return answer
      if (isTidy(shape, value)) return codec.encode(value)
      const walk = { takes: is, strip: true, foreign: false, path: hidden.path, issues: [], steps: [] }
      return codec.encode(tidy(shape, value, walk))
    },
  }
}

const is = (member: t.Mixed, value: unknown): boolean => member.is(value)
