// One hashed timer wheel for the process, because most deadlines are called off long before they fire: setting and
// clearing one here is two pointer writes, where Node's own timer costs some 90 ns. (Varghese & Lauck 1987, scheme 6.)
import type { Timer } from './timer.ts'

/** Milliseconds a slot stands for: how late a timer may be. */
const tick = 4
/** Slots in the wheel: 512 x 4 ms is about two seconds; later timers wait further rounds in their slot. */
const size = 512
/** While timers come and go, look at the wheel at least this often (ms); an idle wheel sleeps until its next timer. */
const busyWait = 24

class Entry implements Timer {
  readonly when: number
  run: (() => void) | undefined
  prev: Entry = this
  next: Entry = this
  constructor(when: number, run: (() => void) | undefined) {
    this.when = when
    this.run = run
  }
  cancel(): void {
    if (this.run === undefined) return
    this.run = undefined
    unlink(this)
    wheel.dropped()
  }
}

function unlink(entry: Entry): void {
  entry.prev.next = entry.next
  entry.next.prev = entry.prev
  entry.prev = entry
  entry.next = entry
}

class Wheel {
  readonly #slots: Entry[] = Array.from({ length: size }, () => new Entry(0, undefined))
  readonly #wake = (): void => this.#turn()
  /** The last slot number that has been looked at. */
  #cursor = 0
  #count = 0
  /** Timers added since the last turn. */
  #added = 0
  #timer: NodeJS.Timeout | undefined
  #wakesAt = Number.POSITIVE_INFINITY
  /** The timer is set further ahead than `busyWait`: it must not keep the process alive for nothing. */
  #far = false

  add(when: number, run: () => void): Timer {
    const entry = new Entry(when, run)
    if (this.#timer === undefined) this.#cursor = Math.floor(performance.now() / tick)
    const slot = Math.max(Math.ceil(when / tick), this.#cursor + 1)
    const head = this.#slots[slot % size] as Entry
    entry.prev = head.prev
    entry.next = head
    head.prev.next = entry
    head.prev = entry
    this.#count++
    this.#added++
    if (when < this.#wakesAt) this.#arm(slot * tick)
    return entry
  }

  /** Not disarmed: that would set and clear a timer of Node's for each call that comes alone (measured: 850 ns). */
  dropped(): void {
    if (--this.#count === 0 && this.#far) this.#arm(performance.now() + busyWait)
  }

  #arm(at: number): void {
    clearTimeout(this.#timer)
    const wait = Math.max(1, at - performance.now())
    this.#far = wait > busyWait
    this.#wakesAt = at
    // Node cannot wait longer than 2^31 - 1 ms; the turn that follows arms again.
    this.#timer = setTimeout(this.#wake, Math.min(Math.ceil(wait), 0x7fff_ffff))
  }

  #turn(): void {
    const now = performance.now()
    const target = Math.floor(now / tick)
    const last = Math.min(target, this.#cursor + size)
    const from = this.#cursor + 1
    this.#cursor = target
    this.#timer = undefined
    this.#wakesAt = Number.POSITIVE_INFINITY
    this.#far = false
    const busy = this.#added > 0
    this.#added = 0
    for (let slot = from; slot <= last; slot++) this.#fire(this.#slots[slot % size] as Entry, now)
    if (this.#count === 0) return
    const next = this.#nextSlot() * tick
    this.#arm(Math.min(busy ? now + busyWait : next, next, this.#wakesAt))
  }

  #fire(head: Entry, now: number): void {
    // A timer that fires may add or cancel others in this very slot: take what is due out first.
    const due: Entry[] = []
    for (let entry = head.next; entry !== head; entry = entry.next) if (entry.when <= now) due.push(entry)
    for (const entry of due) {
      const run = entry.run
      if (run === undefined) continue
      entry.run = undefined
      unlink(entry)
      this.#count--
      try {
        run()
      } catch (cause) {
        // One bad timer must not stop the others; it surfaces as any uncaught exception does.
        queueMicrotask(() => {
          throw cause
        })
      }
    }
  }

  #nextSlot(): number {
    for (let ahead = 1; ahead <= size; ahead++) {
      const head = this.#slots[(this.#cursor + ahead) % size] as Entry
      if (head.next !== head) return this.#cursor + ahead
    }
    return this.#cursor + size
  }
}

/** The process's wheel. Times are those of `performance.now()`. */
export const wheel: Wheel = new Wheel()
