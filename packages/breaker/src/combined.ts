// Several detectors as one: each sees every call.
import type { Detection, Detector, Evidence } from './detector.ts'

/**
 * Opens when one of these says so: `any(sequential(), slowCalls({ slow: 800 }))`. One that refuses a share of the calls
 * does so beside the others.
 *
 * @throws TypeError when there is none, or what is no detector.
 */
export function any(...detectors: readonly Detector[]): Detector {
  return combined('any', detectors)
}

/**
 * Opens when all of these say so at the end of the same call: `all(latency(), ratio({ threshold: 0.2, evaluate: 'all' }))`.
 * One that looks at failures only has no word at the end of a success: give it `evaluate: 'all'` where others have theirs.
 *
 * @throws TypeError when there is none, or what is no detector, or one that refuses calls in place of opening.
 */
export function all(...detectors: readonly Detector[]): Detector {
  const shedding = detectors.find((one) => one?.sheds === true)
  if (shedding !== undefined)
    throw new TypeError(`all: ${shedding.name} refuses a share of the calls and never opens: it cannot be one of all`)
  return combined('all', detectors)
}

function combined(name: 'any' | 'all', detectors: readonly Detector[]): Detector {
  if (detectors.length === 0) throw new TypeError(`${name}: there must be at least one detector`)
  detectors.forEach((one, index) => {
    if (typeof one?.start !== 'function') throw new TypeError(`${name}: [${index}] must be a detector`)
  })
  return {
    name: `${name}(${detectors.map((one) => one.name).join(', ')})`,
    durations: detectors.some(({ durations }) => durations === true),
    sheds: detectors.some(({ sheds }) => sheds === true),
    start: () =>
      new Several(
        name,
        detectors.map((one) => one.start()),
      ),
  }
}

class Several implements Detection {
  readonly #name: 'any' | 'all'
  readonly #all: readonly Detection[]

  constructor(name: 'any' | 'all', all: readonly Detection[]) {
    this.#name = name
    this.#all = all
  }

  timed(failed: boolean): boolean {
    for (const one of this.#all) if (one.timed(failed)) return true
    return false
  }

  record(failed: boolean, now: number, duration: number): boolean {
    let agreed = 0
    for (const one of this.#all) if (one.record(failed, now, duration)) agreed++
    return this.#name === 'any' ? agreed > 0 : agreed === this.#all.length
  }

  clear(): void {
    for (const one of this.#all) one.clear()
  }

  /** What is left is what none of them refuses. */
  share(now: number): number {
    let admitted = 1
    for (const one of this.#all) admitted *= 1 - (one.share?.(now) ?? 0)
    return 1 - admitted
  }

  refused(now: number): void {
    for (const one of this.#all) one.refused?.(now)
  }

  evidence(now: number): Evidence {
    return this.#all.map((one) => one.evidence?.(now) ?? 0)
  }

  restore(evidence: Evidence, now: number): void {
    if (!Array.isArray(evidence) || evidence.length !== this.#all.length)
      throw new TypeError(`${this.#name}: its evidence must be a list of ${this.#all.length}`)
    this.#all.forEach((one, index) => {
      if (one.evidence !== undefined) one.restore?.(evidence[index] as Evidence, now)
    })
  }
}
