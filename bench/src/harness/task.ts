// What a parent asks of the process that times a subject. It answers with a number: calls in a batch, nanoseconds per
// call, bytes per call.

export type Task =
  /** First: import the subject, check it, warm it up for so many milliseconds. */
  | { readonly ask: 'prepare'; readonly suite: string; readonly subject: string; readonly warmUp: number }
  /** Then, as often as one likes: time it for so many milliseconds. */
  | { readonly ask: 'turn'; readonly time: number }
  /** Bytes of heap per call. */
  | { readonly ask: 'heap' }
