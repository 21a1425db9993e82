// How the reader of a stream goes on where a broken connection left it: which field of the items is their id, and which
// field of the input asks for what comes after one.

/** The fields of a stream's output and input that make it possible to go on after a given item. */
export interface Resume<Id extends string = string, After extends string = string> {
  /**
   * A required field of the output, text or a number on the wire: the item's id, another one for each item of a stream.
   * Printable ASCII of at most 1,024 characters, without spaces around it, and not `:end`.
   */
  readonly id: Id
  /** An optional field of the input, of the same type. With it, a stream begins after the item of this id. */
  readonly after: After
}

type Takes<I, V> = {
  [K in keyof I & string]-?: undefined extends I[K] ? (V extends I[K] ? K : never) : never
}[keyof I & string]

/** The pairs of fields that fit together. */
export type ResumeOf<I, O> = { [K in keyof O & string]-?: Resume<K, Takes<I, O[K]>> }[keyof O & string]
