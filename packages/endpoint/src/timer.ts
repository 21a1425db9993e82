// A timer that may be called off.

/** Something that will run later, and may be called off. */
export interface Timer {
  /** Calls it off. Harmless when it has run or was called off before. */
  cancel(): void
}
