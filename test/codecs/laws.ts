// The laws of compiled codecs: nobody can tell them from io-ts, nor a contract's codecs with them from those without.
import { compile } from '@tenon/contract'
import type * as t from 'io-ts'
import { PathReporter } from 'io-ts/lib/PathReporter.js'
import { expect } from 'vitest'
import { type Coder, coder } from '../../packages/contract/src/coder.ts'
import { fused, undecided } from '../../packages/contract/src/compiler/generate.ts'
import { wrong } from '../../packages/contract/src/compiler/signals.ts'
import { trap } from './any-value.ts'
import { difference, errorsDiffer, type Outcome, objectsIn, outcomeOf } from './same.ts'

type Validation = t.Validation<unknown>

/** Where two answers of `decode` differ. */
function validationsDiffer(one: Outcome, other: Outcome, old: ReadonlySet<unknown>): string | undefined {
  if (!('answer' in one && 'answer' in other)) return difference(one, other, old)
  const [a, b] = [one.answer as Validation, other.answer as Validation]
  if (a._tag === 'Left' && b._tag === 'Left') {
    const reports = [a, b].map((each) => outcomeOf(() => PathReporter.report(each)))
    return errorsDiffer(a.left, b.left, old) ?? difference(reports[0] as Outcome, reports[1] as Outcome, new Set())
  }
  return difference(one, other, old)
}

/** What was decoded, if anything. */
const rightOf = (outcome: Outcome): { readonly right: unknown } | undefined => {
  const { answer } = outcome as { readonly answer?: Validation }
  return answer?._tag === 'Right' ? answer : undefined
}

const throwsTrap = (outcome: Outcome): boolean => 'thrown' in outcome && outcome.thrown === trap

/**
 * Compiled, the codec answers as io-ts does. `spared`: where io-ts throws for what it looks at, compiled code may have no
 * cause to look at it, as in a member of a union of which another field does not fit.
 */
export function compiledIsSame(codec: t.Mixed, value: unknown, spared = false): void {
  const compiled = compile(codec)
  const same = (what: (codec: t.Mixed) => unknown, given = value, differ: typeof difference = difference): Outcome => {
    const plain = outcomeOf(() => what(codec))
    const overflow = 'thrown' in plain && plain.thrown instanceof RangeError
    // Nothing has to be looked at to encode what stays as it is.
    if (throwsTrap(plain) ? spared || differ === difference : spared && overflow) return plain
    expect(
      differ(
        plain,
        outcomeOf(() => what(compiled)),
        objectsIn(given, objectsIn(value)),
      ),
    ).toBeUndefined()
    return plain
  }
  const context = [{ key: 'at', type: codec, actual: value }]
  const decoded = rightOf(same((each) => each.decode(value), value, validationsDiffer))
  same((each) => each.validate(value, context), value, validationsDiffer)
  same((each) => each.is(value))
  same((each) => each.encode(value))
  if (decoded === undefined) return
  same((each) => each.is(decoded.right), decoded.right)
  same((each) => each.encode(decoded.right), decoded.right)
}

/** Of a plain object a strict codec does not see what is hidden; else it answers as io-ts does. */
export function hiddenIsSame(codec: t.Mixed, value: unknown): void {
  const compiled = compile(codec)
  const [plain, other] = [outcomeOf(() => codec.decode(value)), outcomeOf(() => compiled.decode(value))]
  // Hidden keys and the identity of what holds them do not count for toEqual.
  if (rightOf(plain) !== undefined) expect(other).toEqual(plain)
  else expect(validationsDiffer(plain, other, objectsIn(value))).toBeUndefined()
  const is = [codec, compiled].map((each) => outcomeOf(() => each.is(value)))
  expect(difference(is[0] as Outcome, is[1] as Outcome, objectsIn(value))).toBeUndefined()
}

/**
 * The codecs of a contract answer as io-ts and those who stand before it do. Tells whether the value was taken, and
 * whether generated code took it. `bare`: it may be an array without what arrays have.
 */
export function contractIsSame(
  codec: t.Mixed,
  unknownKeys: 'refuse' | 'strip',
  value: unknown,
  bare = false,
): { readonly taken: boolean; readonly quick: boolean } {
  const [slow, fast] = [coder(codec, unknownKeys, () => undecided), coder(codec, unknownKeys)]
  const same = (what: (coder: Coder) => unknown, given = value): Outcome => {
    const [plain, other] = [outcomeOf(() => what(slow)), outcomeOf(() => what(fast))]
    // Those who stand before io-ts look at everything, whatever becomes of it.
    if (throwsTrap(plain) || (bare && 'thrown' in plain && plain.thrown instanceof TypeError)) return plain
    expect(difference(plain, other, objectsIn(given, objectsIn(value)))).toBeUndefined()
    return plain
  }
  const decoded = rightOf(same((each) => each.decode(value)))
  same((each) => each.encode(value))
  if (decoded === undefined) return { taken: false, quick: false }
  same((each) => each.encode(decoded.right), decoded.right)
  return { taken: true, quick: fused(codec, unknownKeys).decode(value) !== wrong }
}
