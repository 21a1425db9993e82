// What the processes of servers and clients are asked.
import type { Layers } from './layers.ts'
import type { Span, Target } from './parts.ts'

export type ServingTask =
  | {
      readonly ask: 'start'
      readonly suite: string
      readonly subject: string
      readonly broker: number | undefined
      /** Is it going to be asked where its time goes? */
      readonly profiled?: boolean
    }
  | { readonly ask: 'usage'; readonly collect: boolean }
  /** Twice: where its time goes, from the first until the second. */
  | { readonly ask: 'profile' }

/** A port, or what the process has used so far. */
export interface Usage {
  readonly port: number
  /** Microseconds of CPU, user and system. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  readonly heap: number
  /** After the second `profile`. */
  readonly layers?: Layers
}

export interface Calling extends Target, Span {
  readonly suite: string
  /** The name of the calls, and that of the client. */
  readonly calls: string
  readonly client: string
}

/** A port is what comes of `start`. */
export type BrokeringTask = { readonly ask: 'start'; readonly suite: string } | { readonly ask: 'stop' }
