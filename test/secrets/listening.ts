// Whoever may hear of a call, and all that they heard: hooks, reports, metrics, and a log that is written with `redact`.
import { inspect } from 'node:util'
import { type AnyMethod, redact } from '@tenon/contract'
import { type Failure, type MethodInfo, type Middleware, type Outcome, observe, type Telemetry } from '@tenon/endpoint'
import { metrics } from '@tenon/metrics'

export interface Listening {
  /** `log: ...`, by who heard it. */
  readonly heard: readonly string[]
  tell(who: string, ...what: readonly unknown[]): void
  readonly onTelemetry: (event: Telemetry) => void
  readonly onError: (failure: Failure, ctx: unknown, where: string) => void
  /** Failures, of hooks that are shown the outcome. The wire itself they see as it is. */
  readonly ended: (who: string) => (...of: readonly unknown[]) => void
  /** What is sent to those whose call is refused. */
  readonly afterError: (ctx: unknown, reply: unknown, failure: Failure) => void
  /** The log of a service: the input without its secrets, and the failure. */
  log(method: AnyMethod): Middleware
  red(side: 'client' | 'server', name: string): Middleware
  page(): Promise<string>
}

export function listening(): Listening {
  const measured = metrics()
  const heard: string[] = []
  const shown = (value: unknown): string =>
    inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, breakLength: Infinity, getters: true })
  const tell = (who: string, ...what: readonly unknown[]): void => {
    heard.push(`${who}: ${what.map((one) => (typeof one === 'string' ? one : shown(one))).join(' ')}`)
  }
  return {
    heard,
    tell,
    onTelemetry(event) {
      measured.onTelemetry(event)
      // A method holds its codecs, and they what literals they take.
      const { method, ...rest } = event as { readonly method?: MethodInfo }
      tell(`telemetry ${event.kind}`, method?.name, rest)
    },
    onError: (failure, _, where) => tell('onError', where, failure),
    ended:
      (who) =>
      (...of) => {
        const [outcome] = of.flatMap((one) => {
          const { outcome = one } = (one ?? {}) as { outcome?: Outcome }
          return (outcome as Partial<Outcome> | undefined)?._tag === undefined ? [] : [outcome as Outcome]
        })
        if (outcome?._tag === 'Left') tell(who, outcome.left)
      },
    afterError: (_, reply, failure) => tell('afterError', reply, failure),
    log: ({ input }) =>
      observe((_, given) => (outcome) => {
        tell('log', redact(input as never, given), outcome._tag === 'Left' ? outcome.left : 'ok')
      }),
    red: (side, name) => measured.red({ side, name, tags: true }),
    page: () => measured.registry.metrics(),
  }
}
