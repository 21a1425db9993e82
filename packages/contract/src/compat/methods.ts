// Two versions of one method: what each side writes and the other reads, and what the method promises.
import type { Break, Change } from './break.ts'
import { type Misfit, misfits } from './fits.ts'
import { routeBreaks } from './routes.ts'
import type { MethodSnapshot, Snapshot } from './snapshot.ts'

/** Everything that breaks between the versions `old`, of the snapshot `before`, and `next`, of `after`. */
export function compareMethods(
  path: string,
  old: MethodSnapshot,
  next: MethodSnapshot,
  before: Snapshot,
  after: Snapshot,
): readonly Break[] {
  if (old.kind !== next.kind) {
    const message = `it was ${old.kind} and is ${next.kind}`
    return (['old clients', 'new clients'] as const).map((breaks) => ({
      path,
      change: 'type changed',
      breaks,
      message,
    }))
  }
  const found: Break[] = []
  const oldDefinitions = before.definitions
  const newDefinitions = after.definitions
  type Value = MethodSnapshot['input']
  type Keys = 'refuse' | 'strip'
  /** What one version writes and the other reads. */
  const cross = (
    where: string,
    one: Value,
    other: Value,
    oldWrites: boolean,
    keys: Keys,
    breaks: Break['breaks'],
  ): void => {
    const writer = oldWrites ? { of: one, definitions: oldDefinitions } : { of: other, definitions: newDefinitions }
    const reader = oldWrites ? { of: other, definitions: newDefinitions } : { of: one, definitions: oldDefinitions }
    for (const misfit of misfits(writer, reader, keys)) found.push(told(`${path}.${where}`, misfit, oldWrites, breaks))
  }
  // Of an event it is the server that writes.
  const isEvent = old.kind === 'event'
  cross('input', old.input, next.input, true, next.unknownKeys.input, isEvent ? 'new clients' : 'old clients')
  cross('input', old.input, next.input, false, old.unknownKeys.input, isEvent ? 'old clients' : 'new clients')
  if (isEvent) return found
  cross('output', old.output, next.output, false, old.unknownKeys.output, 'old clients')
  cross('output', old.output, next.output, true, next.unknownKeys.output, 'new clients')
  for (const failure of old.failures) {
    const other = next.failures.find(({ tag }) => tag === failure.tag)
    const where = `${path}.failures.${failure.tag}`
    if (other === undefined)
      found.push({ path: where, change: 'removed', breaks: 'new clients', message: unread('an old server', failure) })
    else if (other.code !== failure.code) {
      const message = `its code was ${failure.code} and is ${other.code}: it is read as a Remote`
      for (const breaks of ['old clients', 'new clients'] as const)
        found.push({ path: where, change: 'type changed', breaks, message })
    } else {
      cross(`failures.${failure.tag}`, failure.details, other.details, false, 'strip', 'old clients')
      cross(`failures.${failure.tag}`, failure.details, other.details, true, 'strip', 'new clients')
    }
  }
  for (const failure of next.failures)
    if (!old.failures.some(({ tag }) => tag === failure.tag))
      found.push({
        path: `${path}.failures.${failure.tag}`,
        change: 'added',
        breaks: 'old clients',
        message: unread('a new server', failure),
      })
  found.push(...promises(path, old, next), ...routeBreaks(path, old, next, oldDefinitions, newDefinitions))
  return found
}

const unread = (server: string, { tag, code }: { readonly tag: string; readonly code: string }): string =>
  `${server} may answer ${tag}, which is read as a Remote of code ${code}`

/** What a method says of itself beside its types. */
function promises(path: string, old: MethodSnapshot, next: MethodSnapshot): readonly Break[] {
  const found: Break[] = []
  if (old.idempotent && !next.idempotent)
    found.push({
      path,
      change: 'idempotence dropped',
      breaks: 'old clients',
      message: 'old clients repeat it, which does harm now',
    })
  if (!old.idempotent && next.idempotent)
    found.push({
      path,
      change: 'idempotence added',
      breaks: 'new clients',
      message: 'new clients repeat it, which does harm with an old server',
    })
  const [before, after] = [old.resume, next.resume]
  if (before?.id !== after?.id || before?.after !== after?.after) {
    if (before !== undefined)
      found.push({
        path,
        change: 'resuming dropped',
        breaks: 'old clients',
        message: `old clients go on after a "${before.id}" that they send as "${before.after}": items are lost or come twice`,
      })
    if (after !== undefined)
      found.push({
        path,
        change: 'resuming added',
        breaks: 'new clients',
        message: `new clients go on after a "${after.id}", which an old server knows nothing of: items are lost or come twice`,
      })
  }
  const [was, is] = [old.unknownKeys.input, next.unknownKeys.input]
  if (was === 'strip' && is === 'refuse')
    found.push({
      path: `${path}.input`,
      change: 'unknown keys refused',
      breaks: 'old clients',
      message: 'what was dropped is refused now: callers that send more than the contract says break',
    })
  if (was === 'refuse' && is === 'strip')
    found.push({
      path: `${path}.input`,
      change: 'unknown keys taken',
      breaks: 'new clients',
      message: 'what is dropped now is refused by an old server: callers that send more than the contract says break',
    })
  return found
}

/** A misfit as what was done, who breaks, and why. */
function told(
  path: string,
  { path: steps, kind, written, taken }: Misfit,
  oldWrites: boolean,
  breaks: Break['breaks'],
): Break {
  const [from, to] = oldWrites ? ['the old version', 'the new one'] : ['the new version', 'the old one']
  const whole = steps.reduce((at, step) => (step.startsWith('[') ? at + step : `${at}.${step}`), path)
  const changes: Readonly<Record<Misfit['kind'], Change>> = {
    absent: oldWrites ? 'required' : written === 'nothing' ? 'removed' : 'optional',
    unknown: oldWrites ? 'removed' : 'added',
    renamed: 'renamed',
    type: 'type changed',
    value: oldWrites ? 'value removed' : 'value added',
    predicate: oldWrites ? 'narrowed' : 'widened',
  }
  const messages: Readonly<Record<Misfit['kind'], string>> = {
    absent: `${from} may leave it out, ${to} needs it`,
    unknown: `${from} writes it, ${to} refuses it`,
    renamed: `${from} writes ${written}, ${to} reads ${taken}`,
    type: `${from} writes ${written}, ${to} takes ${taken}`,
    value: `${from} writes ${written}, ${to} takes ${taken}`,
    predicate: `${from} writes ${written}, ${to} takes ${taken} only`,
  }
  return { path: whole, change: changes[kind], breaks, message: messages[kind] }
}
