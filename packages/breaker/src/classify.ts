// What a call says about its dependency's health: failed at its work, did it, or nothing at all.
import { type Code, type Context, codes, isCode, type Outcome } from '@tenon/endpoint'
import { choiceOption } from '@tenon/policy'

/**
 * `failure`: the dependency failed at its work. `success`: it did its work, be the answer a business failure. `ignored`:
 * the call says nothing of it; it counts nowhere, and as a probe it neither opens nor closes.
 */
export type Verdict = 'failure' | 'success' | 'ignored'

/** Judges an outcome; `undefined` leaves it to the table. Called once a call, when it ends (a stream: when that ends). */
export type Classify = (outcome: Outcome, ctx: Context) => Verdict | undefined

/** Verdicts by what a failure says of itself. A tag goes before a code. */
export interface Classes {
  readonly codes?: Readonly<Partial<Record<Code, Verdict>>>
  readonly tags?: Readonly<Record<string, Verdict>>
}

/** The table that holds where no other is given. A tag goes before a code, a success is a `success`. */
export const classes: {
  readonly codes: Readonly<Record<Code, Verdict>>
  readonly tags: Readonly<Record<string, Verdict>>
} = {
  codes: {
    // It failed at its work, or gave no answer in time. A Defect is `internal`.
    unavailable: 'failure',
    deadline_exceeded: 'failure',
    internal: 'failure',
    unknown: 'failure',
    data_loss: 'failure',
    // It looked at the matter and answered.
    invalid_argument: 'success',
    not_found: 'success',
    already_exists: 'success',
    failed_precondition: 'success',
    out_of_range: 'success',
    aborted: 'success',
    // The call ended before the work began: who asked, what was asked for and how often is not the dependency's health.
    cancelled: 'ignored',
    unauthenticated: 'ignored',
    permission_denied: 'ignored',
    resource_exhausted: 'ignored',
    unimplemented: 'ignored',
  },
  // Our own policies, further in: nothing was sent, and each keeps its own evidence.
  tags: { CircuitOpen: 'ignored', RateLimited: 'ignored', NoEndpoints: 'ignored', InProgress: 'ignored' },
}

const verdicts: readonly Verdict[] = ['failure', 'success', 'ignored']

/**
 * A function that judges every outcome, of what `classify` may be: for circuits that you drive yourself.
 *
 * @throws TypeError on a bad table.
 */
export function classifier(option: Classify | Classes = {}): (outcome: Outcome, ctx: Context) => Verdict {
  if (typeof option !== 'function') return byTable(option)
  const table = byTable({})
  return (outcome, ctx) => {
    const verdict = option(outcome, ctx)
    return verdict === undefined ? table(outcome) : choiceOption('classify', 'its answer', verdict, verdicts)
  }
}

function byTable(own: Classes): (outcome: Outcome) => Verdict {
  if (typeof own !== 'object' || own === null)
    throw new TypeError('breaker: "classify" must be a function or { codes?, tags? }')
  for (const [code, verdict] of Object.entries(own.codes ?? {})) {
    if (!isCode(code))
      throw new TypeError(`breaker: "classify.codes" knows ${Object.keys(codes).join(', ')}, but not "${code}"`)
    choiceOption('breaker', `classify.codes.${code}`, verdict, verdicts)
  }
  for (const [tag, verdict] of Object.entries(own.tags ?? {}))
    choiceOption('breaker', `classify.tags.${tag}`, verdict, verdicts)
  // Maps: a tag may be called "constructor".
  const tags = new Map(Object.entries({ ...classes.tags, ...own.tags }))
  const known = new Map<string, Verdict>(Object.entries({ ...classes.codes, ...own.codes }))
  return (outcome) => {
    if (outcome._tag === 'Right') return 'success'
    const { _tag, code } = outcome.left
    return tags.get(_tag) ?? known.get(code) ?? 'failure'
  }
}
