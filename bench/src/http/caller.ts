// A client to be measured.
export interface Caller {
  /** One call of `place`; throws unless the answer is right. */
  call(): Promise<void>
  close(): Promise<void>
}
